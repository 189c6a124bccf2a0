"""The words about the comparison with the source."""

from checks.guide_kinds import Fix, Guide, Subject

SOURCE_TREE = Guide(
    Subject.ARCHIVES,
    "Every file of each source archive, against the commit that is recorded on the draft's "
    "page: which are the same, which differ and how, which are in one place only. Archives "
    "of a release without a recorded source are not compared.",
    (
        Fix(
            "A file is not in the commit, or differs from it",
            "Make the archive from a fresh clone of the tag. If the build makes or fills in "
            "the file, name it in the project's policy, under files that may differ from the "
            "commit.",
            "git archive --prefix=tool-1.0/ -o tool-1.0-src.tar.gz v1.0",
        ),
        Fix(
            "Files differ in their line ends only",
            "The archive was made from a checkout that changes them, as git on Windows does. "
            "Make it from a clone that does not.",
            "git clone -c core.autocrlf=false -b v1.0 REPOSITORY",
        ),
        Fix(
            "Files lie in a submodule",
            "Submodules are other repositories and are not fetched. Leave them out of the "
            "archive, or say in the mail that calls the vote how people can compare them.",
        ),
        Fix(
            "The tag is another commit than the recorded one",
            "Somebody moved the tag, or the wrong commit was recorded. Correct the record, or "
            "put the tag where it belongs.",
            "git rev-parse v1.0^{commit}",
        ),
        Fix(
            "The source could not be fetched",
            "The finding says why. Correct what is recorded on the draft's page, have it "
            "fetched again, or take the record away.",
        ),
    ),
)
