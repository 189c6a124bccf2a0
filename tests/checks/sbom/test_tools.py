"""Generators that were outdated when they wrote a document."""

import pytest

from checks.sbom.reading import read
from checks.sbom.tools import RELEASES, outdated, written_by
from tests.checks.sbom.boms import as_json, metadata

MAVEN = "cyclonedx-maven-plugin"


def made_by(version="2.7.9", timestamp="2024-12-01T00:00:00Z", name=MAVEN, **more):
    tool = {"vendor": "OWASP", "name": name, "version": version} | more
    return read(as_json(metadata=metadata(timestamp=timestamp, tools=[tool])))


def test_m15_an_older_version_than_there_was_is_outdated():
    (found,) = outdated(made_by())
    assert (found.name, found.used, found.available) == (MAVEN, "2.7.9", "2.9.1")
    assert found.sentence.endswith("2.7.9, when there was 2.9.1 already.")


@pytest.mark.parametrize(
    ("version", "timestamp"),
    [
        ("2.7.9", "2023-06-01T00:00:00Z"),  # the newest then
        ("2.7.10", "2023-12-01T00:00:00Z"),  # 10 is more than 9
        ("2.9.1", "2024-12-01T00:00:00Z"),
        ("9.0.0", "2024-12-01T00:00:00Z"),  # newer than anything that is known
        ("2.8.0-SNAPSHOT", "2024-12-01T00:00:00Z"),  # nobody knows what that is
        ("latest", "2024-12-01T00:00:00Z"),
        ("1.0.0", "2001-01-01T00:00:00Z"),  # before there was any
    ],
)
def test_nothing_is_said_where_nothing_is_known(version, timestamp):
    assert outdated(made_by(version, timestamp)) == ()


@pytest.mark.parametrize("timestamp", ["", "yesterday"])
def test_without_a_time_all_versions_count(timestamp):
    assert outdated(made_by(timestamp=timestamp))[0].available == RELEASES[-1][1] == "2.9.1"


def test_a_generator_that_does_not_say_its_version_is_told():
    (found,) = outdated(made_by(version=""))
    assert found.used == ""
    assert "does not say by which version" in found.sentence


def test_it_is_known_by_its_description_too_and_others_are_not():
    described = made_by(name="maven", description="CycloneDX Maven Plugin")
    assert len(outdated(described)) == 1
    assert outdated(made_by(name="syft")) == ()
    assert outdated(read(as_json(metadata=None))) == ()


def test_who_wrote_it_is_named_in_every_form():
    assert list(written_by(made_by())) == [f"{MAVEN} 2.7.9"]
    as_components = {"components": [{"type": "application", "name": "syft", "version": "1.2"}]}
    bom = read(as_json(metadata=metadata(tools=as_components)))
    assert list(written_by(bom)) == ["syft 1.2"]
    assert list(written_by(read(as_json(metadata=None)))) == []
