"""SARIF 2.1.0: what the standard requires of a log, checked over all that we put into one."""

import re

import pytest

from checks import rules
from checks.engine.document import document
from checks.engine.model import Candidate, File, Finding, Level, Policy, UnitResult
from checks.engine.plan import plan
from checks.sarif import FINGERPRINT, sarif

PATH = "tool (1)-1.0.tar.gz"


@pytest.fixture
def log():
    file = File(PATH, None, 5, "a" * 64, "b" * 128)  # type: ignore[arg-type]
    candidate = Candidate((file,), Policy(project="tool", version="1.0"))
    units = plan(candidate)
    findings = [
        Finding("license.files", 1, level, PATH, f"Said as {level}.", member="x/LICENSE", see="ls")
        for level in Level
    ]
    whole = Finding("paths", 1, Level.BLOCKER, "", "No source.")
    old = Finding("gone.rule", 1, Level.NOTE, PATH, "Fine.")
    results = [
        UnitResult(units[0].key, "", ("paths",), (whole,)),
        UnitResult(units[-1].key, PATH, ("license.files",), (*findings, old), error="It failed."),
    ]
    return sarif(
        document(candidate, results), version="1.2.3", address="https://x.org/checks/", run="a/b/1"
    )


def test_the_log_is_of_this_version_and_has_one_run_with_its_tool(log):
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    assert run["tool"]["driver"]["name"] == "Trusted Releases"
    assert run["tool"]["driver"]["version"] == "1.2.3"
    assert run["automationDetails"] == {"id": "a/b/1"}
    assert set(run) <= {
        *("tool", "automationDetails", "invocations", "originalUriBaseIds", "artifacts"),
        *("results", "columnKind"),
    }


def test_every_rule_is_described_once(log):
    described = log["runs"][0]["tool"]["driver"]["rules"]
    assert [each["id"] for each in described] == [rule.slug for rule in rules.ALL]
    for each in described:
        assert each["shortDescription"]["text"]
        assert each["fullDescription"]["text"]
        assert each["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        assert re.fullmatch(r"[A-Za-z]+", each["name"])
        assert each["helpUri"] == f"https://x.org/checks/{each['id']}/"


def test_every_result_has_what_the_standard_asks_for(log):
    (run,) = log["runs"]
    assert len(run["results"]) == 6
    for each in run["results"]:
        assert each["message"]["text"]
        # 3.27.10: the level of whatever is not "fail" is "none"
        assert (each["kind"] == "fail") == (each["level"] != "none")
        assert re.fullmatch(r"[0-9a-f]{16}", each["partialFingerprints"][FINGERPRINT])
        if "ruleIndex" in each:
            rule = run["tool"]["driver"]["rules"][each["ruleIndex"]]
            assert rule["id"] == each["ruleId"]
        assert each["locations"], "GitHub refuses a log in which a result has none"
        for location in each["locations"]:
            place = location["physicalLocation"]["artifactLocation"]
            assert place["uri"] in ("tool%20%281%29-1.0.tar.gz", ".")
            assert place["uriBaseId"] in run["originalUriBaseIds"]


def test_levels_are_told_in_the_words_of_the_format(log):
    by_level = {each["properties"]["level"]: each["level"] for each in log["runs"][0]["results"]}
    assert by_level == {
        "blocker": "error",
        "concern": "warning",
        "suggestion": "note",
        "note": "none",
    }


def test_a_member_is_a_logical_place_and_the_release_as_a_whole_is_its_folder(log):
    results = log["runs"][0]["results"]
    (whole,) = [each for each in results if each["ruleId"] == "paths"]
    (place,) = whole["locations"]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": ".", "uriBaseId": "RELEASE"}
    member = next(each for each in results if each["ruleId"] == "license.files")
    assert member["locations"][0]["logicalLocations"] == [
        {"fullyQualifiedName": "x/LICENSE", "kind": "member"}
    ]
    assert member["properties"]["help"] == "ls"


def test_a_rule_that_is_no_more_is_named_without_a_description(log):
    (old,) = [each for each in log["runs"][0]["results"] if each["ruleId"] == "gone.rule"]
    assert "ruleIndex" not in old


def test_a_check_that_failed_is_told_as_such_and_is_no_result(log):
    (invocation,) = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    texts = [each["message"]["text"] for each in invocation["toolExecutionNotifications"]]
    assert "It failed." in texts


def test_files_have_their_digests(log):
    (file,) = log["runs"][0]["artifacts"]
    assert file["hashes"] == {"sha-256": "a" * 64, "sha-512": "b" * 128}
    assert file["length"] == 5


def test_what_is_fine_can_be_left_out(log):
    file = File(PATH, None, 5, "a" * 64, "b" * 128)  # type: ignore[arg-type]
    candidate = Candidate((file,))
    unit = plan(candidate)[-1]
    found = tuple(Finding("paths", 1, level, PATH, "Said.") for level in Level)
    said = document(candidate, [UnitResult(unit.key, PATH, unit.rules, found)])
    (run,) = sarif(said, version="1", passed=False)["runs"]
    assert {each["kind"] for each in run["results"]} == {"fail"}
    assert len(run["results"]) == 3


def test_what_is_ignored_is_suppressed_with_its_reason():
    file = File(PATH, None, 5, "a" * 64, "b" * 128)  # type: ignore[arg-type]
    candidate = Candidate((file,), Policy(project="tool", version="1.0"))
    found = [Finding("paths", 1, Level.CONCERN, PATH, text) for text in ("Odd.", "Other.")]
    whole = document(candidate, [UnitResult(plan(candidate)[0].key, "", ("paths",), tuple(found))])
    odd, _ = sarif(whole, version="1")["runs"][0]["results"]
    mark = odd["partialFingerprints"][FINGERPRINT]
    odd, other = sarif(whole, version="1", ignored={mark: "Not ours."})["runs"][0]["results"]
    assert odd["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "Not ours."}
    ]
    assert "suppressions" not in other
