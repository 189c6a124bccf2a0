"""Every log in SARIF that we write is valid by the schema of SARIF 2.1.0, whatever is in it.

`data/sarif-2.1.0.json` is the schema as the package @microsoft/jest-sarif has it (MIT licence).
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

from checks.engine.document import document
from checks.engine.model import Finding, Level, UnitResult
from checks.engine.plan import plan
from checks.engine.run import run
from checks.examine import candidate_of
from checks.models import Ignore, Result
from checks.sarif import sarif
from tests import make
from tests.checks import made as stored
from tests.checks.engine import made
from tests.checks.laptop.made import program, release
from tests.checks.test_sarif import PATH

_URI = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*\Z")
formats = FormatChecker(formats=())


@formats.checks("uri-reference")
def is_uri_reference(value: object) -> bool:
    """As RFC 3986 has it: without a colon in the first segment, which would be a scheme."""
    if not isinstance(value, str):
        return True
    first, scheme = value.split("/")[0], re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value)
    return bool(_URI.match(value)) and (":" not in first or scheme is not None)


@formats.checks("uri")
def is_uri(value: object) -> bool:
    whole = not isinstance(value, str) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value)
    return bool(whole) and is_uri_reference(value)


@cache
def validator() -> Draft4Validator:
    schema = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0.json").read_text())
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema, format_checker=formats)


def errors(log: dict[str, Any]) -> list[str]:
    """What is wrong with a log, by where."""
    log = json.loads(json.dumps(log))
    return [f"{each.json_path}: {each.message[:300]}" for each in validator().iter_errors(log)]


ODD = ["a:b.txt", "//x", "ä/%41 b", "x\n<y>", 'q"uote', "a\\b", "\U0001f600", "~", "\x7f\x85"]


@pytest.mark.parametrize("name", [PATH, *ODD])
def test_a_log_with_any_names_in_it_is_valid(tmp_path, name: str) -> None:
    candidate = made.candidate(tmp_path, {"tool-1.0.tar.gz": b"x"})
    found = [
        Finding("license.files", 1, level, name, f"Said of {name}.", member=name, see=f"ls {name}")
        for level in Level
    ]
    whole = Finding("gone.rule", 1, Level.BLOCKER, "", "")
    units = plan(candidate)
    results = [
        UnitResult(units[0].key, "", ("paths",), (whole,), error="It failed."),
        UnitResult(units[-1].key, name, ("license.files",), tuple(found), error=f"Of {name}."),
    ]
    said = document(candidate, results)
    said["files"][0]["path"] = name
    ignored = {"0" * 16: "Not ours."}
    for more in ({}, {"address": "https://x.org/checks/", "run": "a/1.0/2", "ignored": ignored}):
        assert errors(sarif(said, version="1.0", **more)) == []


ARCHIVES = {
    "good-1.0-src.tar.gz": made.tar(made.source("good-1.0")),
    "bad-1.0.tar.gz": made.tar({"bad-1.0/../x\ny": b"", "bad-1.0/ä\x01": b"x", "a": "../../b"}),
    "odd-1.0.zip": made.tar({"x": b""}),
    "KEYS": b"",
}


def test_a_log_of_what_the_rules_really_say_is_valid(tmp_path) -> None:
    candidate = made.candidate(tmp_path, ARCHIVES)
    said = document(candidate, run(candidate, plan(candidate)))
    assert len(said["results"]) == 4
    assert errors(sarif(said, version="1.0")) == []


@pytest.mark.parametrize("options", [[], ["--quiet"]])
def test_what_trusted_check_prints_is_valid(tmp_path, options: list[str]) -> None:
    done = program(release(tmp_path / "release"), "--sarif", *options)
    assert done.returncode == 1, done.stderr
    assert errors(json.loads(done.stdout)) == []


@pytest.mark.django_db
def test_what_the_server_gives_is_valid_also_with_findings_that_are_ignored() -> None:
    draft = stored.draft()
    unit = plan(candidate_of(draft.newest))[0]
    said = stored.found(), stored.found(Level.BLOCKER, "notes.txt", "Bad.", rule="paths")
    result = UnitResult(unit.key, "", unit.rules, said, error="A rule failed.")
    run_ = stored.checked(draft.newest, shared=(Result.objects.keep(result, "1.0"),))
    ignore = Ignore(project=draft.project, rule="license.headers", reason="Third-party.")
    ignore.set(by=make.member(draft), seen=1)
    Ignore.objects.judge(run_, draft.check_basis())
    answer = stored.member_of(draft).get(stored.url(draft, "sarif"))
    log = json.loads(answer.content)
    assert errors(log) == []
    assert any("suppressions" in each for each in log["runs"][0]["results"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["version"], "2.0.0"),
        (["runs", 0, "results", 0, "level"], "blocker"),
        (["runs", 0, "results", 0, "message"], {}),
        (["runs", 0, "artifacts", 0, "location", "uri"], "a b"),
        (["runs", 0, "artifacts", 0, "location", "uri"], "1:b"),
        (["runs", 0, "tool", "driver", "rules", 0, "helpUri"], "checks/paths/"),
        (["runs", 0, "mine"], 1),
    ],
)
def test_a_log_that_is_not_valid_would_be_found(tmp_path, path: list, value: object) -> None:
    candidate = made.candidate(tmp_path, {"tool-1.0.tar.gz": b"x"})
    log = sarif(document(candidate, run(candidate, plan(candidate))), version="1.0")
    assert errors(log) == []
    place: Any = log
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert len(errors(log)) >= 1
