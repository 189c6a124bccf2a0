"""The words about what stands in a bill of materials."""

from checks.guide_kinds import Fix, Guide, Subject

SBOM_CONTENT = Guide(
    Subject.FILES,
    "Each bill of materials in CycloneDX form, JSON or XML: whether programs can read it, whether "
    "it keeps to the schema of its version, which minimum elements it lacks, the categories of the "
    "licences it names, and whether an outdated program wrote it. What stands in it is read "
    "page by page from the file's report.",
    (
        Fix(
            "It cannot be read",
            "Something has cut or changed it, or it has another form than its name says. Let the "
            "build write it anew.",
        ),
        Fix(
            "It does not keep to its schema",
            "Mostly an older generator, or a licence written as an identifier that SPDX does not "
            "have: that belongs into a name, or into an expression with LicenseRef-.",
            "cyclonedx validate --fail-on-errors --input-file tool-1.0-src.tar.gz.cdx.json",
        ),
        Fix(
            "Minimum elements are missing",
            "Give the generator the supplier and the author; most have a setting. What is not "
            "known of a component of others may stay away.",
        ),
        Fix(
            "A component is under a licence of category X",
            "Take it out, replace it, or make it optional and say so in its scope. Where it may be "
            "used under another licence, correct the document.",
        ),
        Fix(
            "A licence is in no category",
            "Read it. If its terms are those of a known licence, name that one; else ask those who "
            "look after legal matters in your foundation.",
        ),
        Fix(
            "An outdated program wrote it",
            "Update the plug-in in the build. Newer ones find more, and write less that is wrong.",
        ),
    ),
)
