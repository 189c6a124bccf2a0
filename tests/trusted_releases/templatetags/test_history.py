"""Events as sentences that lead somewhere."""

import pytest
from django.urls import reverse

from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.templatetags.history import _ELSEWHERE, _OF_RELEASE, event_days, event_lines

pytestmark = pytest.mark.django_db


def line_of(tag):
    return next(line for line in event_lines(Event.objects.all()) if line.event.tag == tag)


def test_each_step_of_a_release_leads_to_its_page():
    vote = make.vote()
    voter = make.member(vote.project)
    ballot = vote.cast("+1", by=voter, manifest_digest=vote.manifest_digest)
    args = vote.release.url_args
    assert line_of(Tag.RELEASE_STARTED).url == vote.release.get_absolute_url()
    assert line_of(Tag.REVISION_MADE).url == reverse("releases:revision", args=[*args, 1])
    findings = reverse("checks:findings", args=args)
    assert line_of(Tag.CHECKS_FINISHED).url == f"{findings}?revision=1"
    assert line_of(Tag.BALLOT_CAST).url == f"{vote.get_absolute_url()}#ballot-{ballot.pk}"
    assert line_of(Tag.BALLOT_CAST).release == vote.release


def test_what_is_gone_is_told_and_leads_nowhere():
    draft = make.release(version="7.7")
    draft.delete_draft(by=draft.created_by)
    line = line_of(Tag.RELEASE_STARTED)
    assert (line.url, line.release, line.sentence) == ("", None, "started 7.7")


def test_people_and_rules_lead_to_the_committee_and_the_policy():
    project = make.project("tool")
    boss = make.member(project)
    project.committee.add_member(make.user(), "member", by=boss)
    project.rules.change(by=boss, min_hours=99)
    assert line_of(Tag.MEMBER_ADDED).url == project.committee.get_absolute_url()
    assert line_of(Tag.POLICY_CHANGED).url == reverse("projects:policy", args=["tool"])


def test_an_old_event_without_its_facts_leads_nowhere():
    project = make.project()
    Event.objects.record(Tag.KEY_UNLINKED, by=None, subject=project)
    release = make.release(project)
    Event.objects.record(Tag.REVISION_MADE, by=None, subject=release)
    assert [line_of(tag).url for tag in (Tag.KEY_UNLINKED, Tag.REVISION_MADE)] == ["", ""]


def test_only_tags_that_there_are_have_an_address():
    assert {*_OF_RELEASE, *_ELSEWHERE} <= set(Tag.values)


def test_days_hold_their_events_in_order():
    make.release(files={"a": "a"})
    (day,) = event_days(Event.objects.all())
    assert [line.event.pk for line in day.lines] == sorted(
        (line.event.pk for line in day.lines), reverse=True
    )
    assert day.date == day.lines[0].event.at.date()


def test_many_releases_cost_one_question(django_assert_num_queries):
    project = make.project()
    person = make.member(project)
    for _ in range(5):
        make.release(project, by=person)
    events = list(Event.objects.all())
    with django_assert_num_queries(1):
        assert len({line.release for line in event_lines(events) if line.release}) == 5
