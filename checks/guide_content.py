"""The words about formats that names promise."""

from checks.guide_kinds import Fix, Guide, Subject

FILE_CONTENT = Guide(
    Subject.FILES,
    "How packages for Debian and RPM, programs for Windows and PDFs begin. Archives have a rule of "
    "their own.",
    (
        Fix(
            "The content is not what the name says",
            "Often a page that says “not found” was saved in place of the file. Look what it is, "
            "and upload the right one.",
            "file tool-1.0.deb",
        ),
        Fix("The file is empty", "An upload or a build has failed. Make it anew."),
    ),
)
