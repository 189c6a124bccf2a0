"""Where `sbom.content` decides otherwise than the reference platform, and why."""

from checks.engine.rule import Difference

DIFFERENCES = (
    Difference(
        "What is found in a bill of materials is no finding, and is not counted.",
        "Findings, none of them a blocker. A document that cannot be read, and a component that "
        "is needed and under category X, are concerns; the rest are suggestions and notes.",
        "Somebody should look at these two before a vote. The rest is advice.",
    ),
    Difference(
        "An unknown licence counts as category X.",
        "It is a suggestion to look it up.",
        "Most are names that nobody has listed yet, not terms that forbid anything.",
    ),
    Difference(
        "Each of several licences of a component is judged by itself.",
        "The sternest is shown; where another is friendlier it is a suggestion, not a concern.",
        "Lists come from Maven and npm, where they stand for a choice.",
    ),
    Difference(
        "Where OR and AND are mixed, the sternest licence counts.",
        "So here; where somebody who chooses well needs none of category X, it is a suggestion.",
        "`(MIT OR GPL-2.0-only) AND Apache-2.0` binds nobody to the GPL.",
    ),
    Difference(
        "A component under category X counts the same whatever its scope.",
        "What is optional or excluded is a suggestion.",
        "A release may work with it, as long as it works without it.",
    ),
    Difference(
        "Names of licences are those of SPDX, with three others.",
        "Some more that Maven projects are full of: “The Apache Software License, Version 2.0”, "
        "“New BSD License”, “GPLv3”, identifiers that SPDX has since renamed.",
        "They are no doubt the same licences.",
    ),
    Difference(
        "A word that begins with OR, AND or WITH cannot be read as a licence.",
        "It is a licence that nobody knows.",
        "The verdict is the same.",
    ),
    Difference(
        "Only components that are listed at the top are looked at; each gap is told by itself.",
        "Those inside others as well; what several components lack is told once, with a count.",
        "5,000 lines that say the same are not read.",
    ),
    Difference(
        "The author is metadata.authors or metadata.manufacturer.",
        "Also metadata.manufacture, as it was called before CycloneDX 1.6.",
        "Older documents cannot say it otherwise.",
    ),
    Difference(
        "An outdated document of the platform itself is told as well.",
        "Only that of the CycloneDX plug-in for Maven.",
        "A document is judged by what there was when it was made, not by this installation.",
    ),
)
