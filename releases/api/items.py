"""What the API says of releases, revisions and files."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projects.models import VoteMode
from releases.models import Release, Revision, Vote
from releases.phases import Outcome, Phase
from trusted_releases.api.answers import Item, OrNull, Time, never, no_list, nothing

A_TIME = "2026-01-01T00:00:00.123456Z"
A_PATH = "apache-tool-1.2.0-src.tar.gz"
MODES = VoteMode.values


class ReleaseItem(Item):
    """A release of a project. It names what it belongs to by key, and holds no other object."""

    sample = {
        "key": "tool-1.2.0",
        "phase": str(Phase.VOTE),
        "created": A_TIME,
        "activity_at": A_TIME,
        "expedited": False,
        "project_key": "tool",
        "cycle_key": "tool-1.x",
        "version": "1.2.0",
        "release_policy_id": 7,
        "vote_mode": "trusted",
        "current_vote_seq": 1,
        "vote_started": A_TIME,
        "latest_revision_number": "00003",
    }

    key = serializers.CharField(source="slug")
    phase = serializers.ChoiceField(choices=Phase.choices)
    created = Time(source="created_at")
    released = Time(source="released_at", allow_null=True)
    archived = nothing()
    is_archived = never()
    activity_at = serializers.SerializerMethodField()
    inactivity_notice_key = nothing()
    archive_prior_release = never()
    expedited = serializers.BooleanField(
        help_text="Whether it was started under an embargo, which may have ended."
    )
    check_cache_key = nothing()
    project_key = serializers.CharField(source="project.slug")
    cycle_key = serializers.SerializerMethodField()
    package_managers = no_list()
    version = serializers.CharField()
    sboms = no_list()
    release_policy_id = serializers.IntegerField(
        source="project.policy.pk", default=None, read_only=True, allow_null=True
    )
    vote_mode = serializers.SerializerMethodField()
    current_vote_seq = serializers.SerializerMethodField()
    vote_started = serializers.SerializerMethodField()
    vote_resolved = serializers.SerializerMethodField()
    podling_thread_id = serializers.SerializerMethodField()
    latest_revision_number = serializers.SerializerMethodField()

    @extend_schema_field(Time())
    def get_activity_at(self, release: Any) -> str | None:
        """When something last happened to it: files, a vote, its publication."""
        vote = _vote(release)
        known = [release.created_at, release.released_at, release.revised_at]
        known += [vote.called_at, vote.resolved_at] if vote else []
        return _time(max(each for each in known if each))

    def get_cycle_key(self, release: Release) -> str:
        cycle = release.cycle.name if release.cycle else "default"
        return f"{release.project.slug}-{cycle}"

    @extend_schema_field(serializers.ChoiceField(choices=MODES, allow_null=True))
    def get_vote_mode(self, release: Release) -> str | None:
        """Where the votes are that count, pinned when the vote was called."""
        vote = _vote(release)
        return str(vote.mode) if vote else None

    def get_current_vote_seq(self, release: Release) -> int | None:
        return release.last_vote or None

    @extend_schema_field(Time(allow_null=True))
    def get_vote_started(self, release: Release) -> str | None:
        vote = _vote(release)
        return _time(vote.called_at) if vote else None

    @extend_schema_field(Time(allow_null=True))
    def get_vote_resolved(self, release: Release) -> str | None:
        vote = _vote(release)
        return _time(vote.resolved_at) if vote else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_podling_thread_id(self, release: Any) -> str | None:
        """The thread of a podling's first round in the archive, once that has passed."""
        vote = _vote(release)
        if vote is None or not vote.is_second or vote.outcome not in (Outcome.OPEN, Outcome.PASSED):
            return None
        links = release.first_links or [""]
        return links[0].rpartition("/")[2] or None

    def get_latest_revision_number(self, release: Any) -> str | None:
        """None where there are no files; numbers go on where a deleted draft of it had some."""
        return number_of(release.last_revision) if release.revised_at else None


class RevisionItem(Item):
    """One sealed set of files of a release."""

    sample = {
        "key": "tool-1.2.0 00003",
        "release_key": "tool-1.2.0",
        "seq": 3,
        "number": "00003",
        "asfuid": "alice",
        "created": A_TIME,
        "phase": str(Phase.COMPOSE),
        "parent_key": "tool-1.2.0 00002",
        "description": "Uploaded 3 files",
        "was_quarantined": False,
    }

    key = serializers.SerializerMethodField()
    release_key = serializers.CharField(source="release.slug")
    seq = serializers.IntegerField(source="number")
    number = serializers.SerializerMethodField()
    asfuid = serializers.CharField(
        source="made_by.username", default="", read_only=True, allow_blank=True
    )
    created = Time(source="made_at")
    phase = serializers.SerializerMethodField()
    parent_key = serializers.SerializerMethodField()
    description = OrNull()
    merge_base_revision_key = nothing()
    tag = OrNull(help_text="The name that somebody gave it, for good.")
    was_quarantined = serializers.BooleanField(help_text="Whether it came with an archive.")

    def get_key(self, revision: Revision) -> str:
        return key_of(revision.release, revision.number)

    def get_number(self, revision: Revision) -> str:
        return number_of(revision.number)

    @extend_schema_field(serializers.ChoiceField(choices=Phase.choices))
    def get_phase(self, revision: Revision) -> str:
        """Files change while a release is composed, and at no other time."""
        return str(Phase.COMPOSE)

    def get_parent_key(self, revision: Any) -> str | None:
        before = revision.number - 1
        return key_of(revision.release, before) if revision.has_parent else None


class FileItem(Item):
    """One file of a revision, as its manifest has it."""

    sample = {"path": A_PATH, "sha256": "5e…", "sha512": "f0…", "size": 48_213}

    path = serializers.CharField()
    sha256 = serializers.CharField()
    sha512 = serializers.CharField()
    size = serializers.IntegerField()


def number_of(revision: int) -> str:
    """As the contract writes it: five digits, or more where there are more."""
    return f"{revision:05d}"


def key_of(release: Release, revision: int) -> str:
    return f"{release.slug} {number_of(revision)}"


def _vote(release: Any) -> Vote | None:
    found: list[Vote] = release.last_votes
    return found[0] if found else None


def _time(at: datetime | None) -> str | None:
    return Time().to_representation(at) if at else None
