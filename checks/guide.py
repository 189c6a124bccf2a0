"""What people read about a rule beside its policy: what it looks at, and how to mend what it finds.

Words only: changing them changes no result. `tests/checks/test_guide.py` sees to it that every rule
has its words here.
"""

from checks.guide_content import FILE_CONTENT
from checks.guide_kinds import Fix, Guide, Subject
from checks.guide_sbom import SBOM_CONTENT
from checks.guide_source import SOURCE_TREE

__all__ = ["GUIDES", "Fix", "Guide", "Subject", "of"]


def of(slug: str) -> Guide:
    """The words about a rule. KeyError for a rule that does not exist."""
    return GUIDES[slug]


GUIDES: dict[str, Guide] = {
    "paths": Guide(
        Subject.FILES,
        "The names of all files together: what is an artifact, which file belongs to which, what "
        "is missing and what does not belong in a release.",
        (
            Fix(
                "An artifact has no signature",
                "Sign it with the key that is in the committee's KEYS, and upload the .asc file.",
                "gpg --armor --detach-sign tool-1.0-src.tar.gz",
            ),
            Fix(
                "An artifact has no checksum",
                "Make one beside the artifact, in its folder, and upload it.",
                "sha512sum tool-1.0-src.tar.gz > tool-1.0-src.tar.gz.sha512",
            ),
            Fix(
                "The release holds no source archive",
                "Upload one. If a file is the source and its name does not say so, name it in the "
                "project's policy, under source artifacts.",
            ),
            Fix(
                "A podling's artifact does not say “incubating”",
                "Rename artifact, signature and checksum together, and make the checksum anew: the "
                "name stands in it.",
            ),
            Fix(
                "A signature or checksum has lost its file",
                "Upload the file it is about, or delete it. It may be left from a rename.",
            ),
        ),
    ),
    "file.content": FILE_CONTENT,
    "release.version": Guide(
        Subject.FILES,
        "The numbers in the names of the artifacts, against the version of the release.",
        (
            Fix(
                "An artifact carries another version",
                "It may be left from the last release: delete it and upload the one you meant. "
                "Where another version is meant, confirm the concern when you call the vote.",
            ),
        ),
    ),
    "sbom.present": Guide(
        Subject.FILES,
        "Whether a CycloneDX file lies beside each archive, under one of the names that tools "
        "write: NAME.cdx.json, NAME-cyclonedx.json, NAME-sbom.json, or sbom.json for all.",
        (
            Fix(
                "An archive has no bill of materials",
                "Let the build write one; there are plug-ins for Maven, Gradle, npm, pip, Cargo "
                "and Go. It is recommended, and nothing stands in the way without it.",
                "mvn org.cyclonedx:cyclonedx-maven-plugin:makeAggregateBom",
            ),
        ),
    ),
    "sbom.content": SBOM_CONTENT,
    "checksum": Guide(
        Subject.INTEGRITY,
        "Each .sha256 and .sha512 file: the digest in it against that of the uploaded artifact, "
        "and whether sha512sum -c can use it as it is.",
        (
            Fix(
                "The digest is not that of the artifact",
                "One of the two files is not the one you meant to upload. Compare with the digest "
                "on the build machine before you make a new checksum.",
                "sha512sum tool-1.0-src.tar.gz",
            ),
            Fix(
                "The file names another file, or a path",
                "Make it in the artifact's own folder, after the last rename.",
                "sha512sum tool-1.0-src.tar.gz > tool-1.0-src.tar.gz.sha512",
            ),
            Fix(
                "The form is odd: a byte order mark, upper case, several lines",
                "Write it with sha512sum; PowerShell's redirection adds the byte order mark.",
            ),
        ),
    ),
    "signature": Guide(
        Subject.INTEGRITY,
        "Every signature in each .asc file: which key made it, whether that key is the "
        "committee's, was valid when it signed, and is strong enough.",
        (
            Fix(
                "The key is not among the committee's keys",
                "Add the signer's public key on the committee's page of keys. The checks run again "
                "by themselves.",
                "gpg --armor --export you@apache.org",
            ),
            Fix(
                "The signature is not of this file",
                "The artifact was made anew after it was signed, or changed on its way. Sign the "
                "file that is uploaded.",
                "gpg --armor --detach-sign tool-1.0-src.tar.gz",
            ),
            Fix(
                "The key has expired",
                "Extend it and add the extended public key: signatures that were made in time "
                "stay good.",
                "gpg --quick-set-expire FINGERPRINT 2y",
            ),
            Fix(
                "SHA-1, or a key that is too weak",
                "Sign again with SHA-256 or better, with RSA of 2048 bits or more or Ed25519.",
                "gpg --digest-algo SHA512 --armor --detach-sign tool-1.0-src.tar.gz",
            ),
        ),
    ),
    "archive.safety": Guide(
        Subject.ARCHIVES,
        "Every member's name, kind, mode and size as the archive is read: paths and links that "
        "lead out of the folder, devices, bombs, names that do harm where they are printed.",
        (
            Fix(
                "A path leads out of the folder, or is absolute",
                "Make the archive from the folder above the sources, with relative paths.",
                "tar czf tool-1.0-src.tar.gz tool-1.0",
            ),
            Fix(
                "A file shrinks by more than 100 to 1",
                "Generate it in the build and leave it out of the archive: a test that needs it "
                "can make it.",
            ),
            Fix(
                "A symbolic link leads nowhere or outside",
                "Remove it, or put what it leads to into the archive.",
            ),
            Fix(
                "Files may be written by everybody",
                "Take the right away before packing.",
                "chmod -R go-w tool-1.0",
            ),
        ),
    ),
    "archive.integrity": Guide(
        Subject.ARCHIVES,
        "Every byte of the archive: its checksums, its end, what lies behind it, and places where "
        "two programs would read different files from the same bytes.",
        (
            Fix(
                "The archive is damaged or ends too early",
                "It was cut off on its way. Compare its digest with the build machine's and upload "
                "it again.",
                "sha512sum tool-1.0-src.tar.gz",
            ),
            Fix(
                "Two members have one name, or differ in case only",
                "Unpacking leaves one of them, which one depends on the system. Rename one.",
            ),
            Fix(
                "There are bytes behind the end",
                "Pack it anew with a current tar or zip; nobody has voted on what is hidden there.",
            ),
        ),
    ),
    "archive.structure": Guide(
        Subject.ARCHIVES,
        "What a source archive puts into the folder it is unpacked in: one folder, named like the "
        "archive, with or without its -src or -source ending.",
        (
            Fix(
                "The folder has another name",
                "It is custom, and not a rule: nothing stands in the way. Set the name where the "
                "archive is made.",
                "git archive --prefix=tool-1.0/ -o tool-1.0-src.tar.gz v1.0",
            ),
            Fix("Files lie beside the folder, or there is none", "Put everything into one folder."),
        ),
    ),
    "archive.tree": Guide(
        Subject.ARCHIVES,
        "All files of an archive together, as git would store them. The id it computes can be "
        "compared with the tree of a tag.",
        (
            Fix(
                "The files have no common id",
                "The archive must be readable to its end and unpack into one folder; the other "
                "findings about it say what is wrong.",
            ),
        ),
    ),
    "archive.parity": Guide(
        Subject.ARCHIVES,
        "Archives that differ in their format only, such as NAME.tar.gz and NAME.zip: whether the "
        "same files are in them.",
        (
            Fix(
                "They hold different files",
                "Make both from one tree. Often it is line ends that are changed for the zip.",
                "git archive --format=zip --prefix=tool-1.0/ -o tool-1.0-src.zip v1.0",
            ),
            Fix(
                "Only the executable bits differ",
                "Make the zip with a program that keeps modes, on a system that has them.",
            ),
        ),
    ),
    "source.tree": SOURCE_TREE,
    "license.files": Guide(
        Subject.LICENCES,
        "LICENSE and NOTICE, and DISCLAIMER for podlings, inside each archive: whether they are at "
        "the top, and whether their words are right.",
        (
            Fix(
                "There is no LICENSE or NOTICE file",
                "Add it at the top of the source tree, so that every later archive has it.",
            ),
            Fix(
                "The licence's words differ",
                "Take the text from https://www.apache.org/licenses/LICENSE-2.0.txt as it is, and "
                "put what bundled code needs after it.",
            ),
            Fix(
                "NOTICE lacks the copyright or the attribution",
                "It begins with the product's name, the copyright of the foundation with its "
                "years, and “This product includes software developed at The Apache Software "
                "Foundation (https://www.apache.org/).”",
            ),
        ),
    ),
    "license.headers": Guide(
        Subject.LICENCES,
        "The first 4 KiB of every source file in an archive. A project chooses whether this is "
        "asked, in its policy.",
        (
            Fix(
                "Source files have no header",
                "Add it; the text is at https://www.apache.org/legal/src-headers.html. Three SPDX "
                "lines count too.",
            ),
            Fix(
                "Third-party or generated files are listed",
                "They must not have the foundation's header. Name them in the project's policy, "
                "under files that need no header.",
            ),
        ),
    ),
    "license.rat": Guide(
        Subject.LICENCES,
        "Every file of a source archive, as Apache RAT looks at it: under which licence it is, and "
        "whether that may be in a release. A project chooses whether this is asked, in its policy.",
        (
            Fix(
                "A file names no known licence",
                "Add the header. Where a file cannot have one, list it in .rat-excludes at the top "
                "of the source, or in the project's policy.",
            ),
            Fix(
                "A file is under a licence that is not approved",
                "It may not be in a release: take it out, or replace it. The categories are at "
                "https://www.apache.org/legal/resolved.html.",
            ),
        ),
    ),
}
