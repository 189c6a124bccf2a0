import pytest

from checks.engine.archive import is_archive
from checks.engine.model import Level, Limits
from tests.checks.engine import made
from tests.shared import shared


def levels(candidate, rule):
    return {each.level for each in made.findings(candidate, rule)}


def test_a_good_archive_gets_one_note_of_each_rule(tmp_path):
    candidate = made.candidate(tmp_path, {"r.tar.gz": made.tar(made.source("r"))})
    (safe,) = made.findings(candidate, "archive.safety")
    (whole,) = made.findings(candidate, "archive.integrity")
    assert (safe.level, whole.level) == (Level.NOTE, Level.NOTE)
    assert whole.data["files"] == 3


def test_a_truncated_gzip_is_a_blocker_with_a_command_to_see_it(tmp_path):
    candidate = made.candidate(tmp_path, {"r.tar.gz": made.tar(made.source("r"))[:-20]})
    found = made.findings(candidate, "archive.integrity")
    assert made.worst(found) == Level.BLOCKER
    assert found[0].data["code"].startswith("integrity.")
    assert "{path}" not in found[0].see
    assert made.findings(candidate, "archive.safety") == []


def test_a_member_that_leads_out_is_a_blocker_that_names_it(tmp_path):
    members = {**made.source("r"), "r/../../evil-canary": b"x"}
    candidate = made.candidate(tmp_path, {"r.tar.gz": made.tar(members)})
    (found,) = [
        each for each in made.findings(candidate, "archive.safety") if each.level == Level.BLOCKER
    ]
    assert "evil-canary" in found.member


def test_a_name_with_a_quote_makes_a_command_that_still_means_that_file(tmp_path):
    name = "it's.tar.gz"
    candidate = made.candidate(tmp_path, {name: b"no archive at all"})
    sees = [each.see for each in made.findings(candidate, "archive.integrity") if each.see]
    assert all("'\"'\"'" in see for see in sees)


def test_limits_come_from_the_policy(tmp_path):
    content = {"r.tar.gz": made.tar(made.source("r"))}
    small = made.candidate(tmp_path, content, limits=Limits(members=2))
    assert Level.BLOCKER in levels(small, "archive.safety")


REAL = [
    "apache-arrow-25.0.0",
    "apr-1.7.6",
    "apr-util-1.6.4",
    "avro-c-1.11.1",
    "httpd-2.4.68",
    "serf-1.3.10",
    "subversion-1.14.5",
    "unsigned",
    "xml-security-c-2.0.4",
    "zookeeper-3.8.0",
]


@pytest.mark.parametrize("name", REAL)
def test_published_releases_of_the_foundation_have_no_blocker(tmp_path, name):
    """Every rule that looks into archives, over what really went out.

    All of them hold files without a header, of others or made by programs: a person has to look.
    """
    folder = shared("data", "real", name)
    archives = {path.name: path.read_bytes() for path in folder.iterdir() if is_archive(path.name)}
    candidate = made.candidate(tmp_path, archives)
    results = made.results(candidate, lambda unit: unit.kind == "archive")
    found = [each for result in results for each in result.findings]
    assert archives
    assert [each.message for each in found if each.level == Level.BLOCKER] == []
    concerns = {each.rule for each in found if each.level == Level.CONCERN}
    assert concerns <= {"license.headers", "license.rat"}


# Not voted on as source releases, and they do lack what they lack.
KNOWN_BLOCKERS = {
    "apache-beam-2.51.0.zip": {"license.files"},  # no LICENSE, no NOTICE
    "avro-1.12.2.tar.gz": {"license.files"},  # no LICENSE, no NOTICE
    "thrift-0.24.0.tgz": {"license.files"},  # no NOTICE
    "apache_otava-0.8.0.tar.gz": {"archive.safety"},  # a .git file is packed into it
}


def test_packages_on_other_channels_have_only_the_blockers_they_deserve(tmp_path):
    blocked = {}
    for path in [*shared("data", "pypi").iterdir(), *shared("data", "npm").iterdir()]:
        candidate = made.candidate(tmp_path / path.name, {path.name: path.read_bytes()})
        results = made.results(candidate, lambda unit: unit.kind == "archive")
        found = [each for result in results for each in result.findings]
        if rules := {each.rule for each in found if each.level == Level.BLOCKER}:
            blocked[path.name] = rules
    assert blocked == KNOWN_BLOCKERS


@pytest.mark.parametrize(
    ("case", "rule", "level"),
    [
        ("tar/notice_missing", "license.files", Level.BLOCKER),
        ("tar/notice_latin1", "license.files", Level.CONCERN),
        # The corpus says "reject". A NOTICE that lacks words is what a person should look at.
        ("tar/notice_wrong", "license.files", Level.CONCERN),
        ("tar/dup_license", "archive.safety", Level.BLOCKER),
        ("zip/dup_license", "archive.safety", Level.BLOCKER),
        ("tar/root_mismatch", "archive.structure", Level.SUGGESTION),
        ("zip/root_mismatch", "archive.structure", Level.SUGGESTION),
        ("tar/root_file_extra", "archive.structure", Level.SUGGESTION),
        ("tar/root_src_suffix", "archive.structure", Level.NOTE),
        ("tar/sym_license_inside", "license.files", Level.NOTE),
        ("tar/ok_control", "license.files", Level.NOTE),
    ],
)
def test_archives_with_one_defect_get_it_named_by_the_right_rule(tmp_path, evil, case, rule, level):
    (path,) = [each for each in (evil / case).iterdir() if is_archive(each.name)]
    candidate = made.candidate(tmp_path, {path.name: path.read_bytes()})
    assert made.worst(made.findings(candidate, rule)) == level
