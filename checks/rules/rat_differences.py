"""Where `license.rat` decides otherwise than Apache RAT in the reference platform, and why."""

from checks.engine.rule import Difference

MAX_LISTED = 100  # members named for each kind of finding; the counts are of all

DIFFERENCES = (
    Difference(
        "The whole of every file is read.",
        "64 KiB are.",
        "No file can keep the check busy. In nine releases three files of 10,734 name their "
        "licence, or what generated them, later than that.",
    ),
    Difference(
        "Only the first licence of a file is told, so that an Apache licence hides a GPL notice.",
        "A suggestion names the files that hold both.",
        "A person should see it. In a file with the Apache licence's address it is looked for only "
        "where the words General Public License or an SPDX identifier stand on one line.",
    ),
    Difference(
        "A file under the GPL is not approved, whatever else it says.",
        "With the words special exception in it, it is a suggestion rather than a concern.",
        "The parser skeletons of Bison and the macros of Autoconf may be distributed under other "
        "terms; httpd and thrift publish them.",
    ),
    Difference(
        "A text whose character set the JVM does not know is counted as unknown.",
        "It is read as UTF-8, or else a letter a byte; the licences that are known are ASCII.",
        "The guess is often wrong for short files, and depends on the JVM.",
    ),
    Difference(
        "JavaScript is binary to RAT 0.17, and needs no licence.",
        "It is text, as it is to RAT 0.18.",
        "People write it, and it has comments.",
    ),
    Difference(
        "Media types come from Apache Tika, which knows two thousand.",
        "Those that change what RAT does with a source tree are known; all other text is scanned.",
        "A file of a rare type is named rather than passed over.",
    ),
    Difference(
        "Symbolic links are followed.",
        "They are not: what they lead to is read under its own name.",
        "Nothing is judged twice, and nothing outside is read.",
    ),
    Difference(
        "A folder that is left out counts as one file.",
        "Its files are counted as left out.",
        "The counts add up.",
    ),
    Difference(
        "%regex[…] in .rat-excludes is a regular expression of Java.",
        "It is not followed, and a suggestion says so.",
        "Such an expression from an archive could run for ever.",
    ),
    Difference(
        "The command by which RAT was run is kept with its result.",
        "There is none to keep. `manage.py compare_rat` runs RAT itself, and prints its command.",
        "No program is started for the check.",
    ),
    Difference(
        f"With more than {MAX_LISTED} members of a kind, the sum of them is a note.",
        "It is a concern.",
        "Whoever ignores those that are listed must still see that there are more.",
    ),
)
