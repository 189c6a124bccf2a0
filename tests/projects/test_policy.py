"""Policies: the rules that hold, and how they are changed."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from projects.models import Policy, Project, Rules
from projects.models.rules import rules_of_committee, rules_of_foundation
from projects.roles import Role
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Stale

pytestmark = pytest.mark.django_db


def changed(project, **values) -> Rules:
    project.rules.change(by=make.member(project, Role.RELEASE_MANAGER), **values)
    return type(project).objects.get(pk=project.pk).rules


def test_a_project_without_a_policy_has_the_foundation_s() -> None:
    project = make.project()
    project.policy.delete()
    rules = type(project).objects.get(pk=project.pk).rules
    assert (rules.hours, rules.binding_needed, rules.pause_on_minus_one) == (72, 3, True)
    assert rules.vote_to == rules.announce_to == (f"dev@{project.slug}.example.org",)
    assert rules.check_terms == {
        "source_paths": (),
        "binary_paths": (),
        "license_mode": "lightweight",
        "header_excludes": (),
        "rat_excludes": (),
    }


@pytest.mark.parametrize(("set_to", "hours"), [(None, 72), (0, 0), (24, 24)])
def test_empty_hours_are_72_and_zero_is_zero(set_to: int | None, hours: int) -> None:
    assert make.project(hours=set_to).rules.hours == hours


def test_a_change_of_policy_is_written_down_and_drafts_are_checked_again() -> None:
    project = make.project()
    rules = changed(project, min_hours=24, vote_recipients="a@example.org\n\n b@example.org ")
    assert rules.hours == 24
    assert rules.vote_to == ("a@example.org", "b@example.org")
    event = Event.objects.get(tag=Tag.POLICY_CHANGED)
    assert set(event.facts) == {"min_hours", "vote_recipients"}
    assert Job.objects.get().name == "checks.recheck"


def test_a_change_that_changes_nothing_leaves_no_event() -> None:
    project = make.project(hours=24)
    changed(project, min_hours=24)
    assert not Event.objects.exists()


def test_long_texts_are_told_by_their_beginning_and_digest() -> None:
    texts = {name: "x" * 20_000 for name in ("checklist", "vote_body", "result_body")}
    changed(make.project(), **texts, announce_body="x" * 20_000)
    told = Event.objects.get(tag=Tag.POLICY_CHANGED).facts["checklist"]
    assert "(20000 characters, sha256:" in told
    assert len(told) < 1200


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"min_hours": 721}, "less than or equal to 720"),
        ({"binding_needed": 2}, "violated"),
        ({"vote_recipients": "dev"}, "'dev' is no mail address"),
        ({"announce_recipients": "a@example.org\nb\r"}, "'b' is no mail address"),
        ({"vote_body": "{{ SECRET_KEY }}"}, "There is no variable 'SECRET_KEY' here"),
        ({"vote_subject": "{{TALLY}}"}, "There is no variable 'TALLY' here"),
        ({"result_body": "{{DURATION}}"}, "There is no variable 'DURATION' here"),
        ({"announce_body": "{{OUTCOME}}"}, "There is no variable 'OUTCOME' here"),
        ({"announce_subject": "{{ project_name }}"}, "There is no variable 'project_name' here"),
        ({"checklist": "a\0b"}, "Control characters are not allowed"),
        ({"checklist": "a\ud800b"}, "Control characters are not allowed"),
        ({"checklist": "x" * 20_001}, "of 20000 at most"),
    ],
)
def test_a_policy_that_cannot_work_is_refused_and_nothing_changes(values, sentence) -> None:
    project = make.project()
    rules = project.rules
    before = {name: getattr(rules, name) for name in values}
    with pytest.raises(BadInput, match=sentence):
        rules.change(by=make.member(project), **values)
    assert {name: getattr(rules, name) for name in values} == before
    stored = Project.objects.get(pk=project.pk).rules
    assert {name: getattr(stored, name) for name in values} == before
    assert [event.tag for event in Event.objects.all()] == [Tag.REFUSED]


def test_the_database_too_wants_three_binding_votes() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.filter(pk=make.project().policy.pk).update(binding_needed=1)


@pytest.mark.parametrize("role", [Role.PARTICIPANT, None])
def test_others_do_not_change_the_policy(role: Role | None) -> None:
    project = make.project()
    person = make.member(project, role) if role else make.user()
    with pytest.raises(PermissionDenied):
        project.rules.change(by=person, min_hours=0)


def test_the_first_change_makes_the_row() -> None:
    project = make.project()
    project.policy.delete()
    project = type(project).objects.get(pk=project.pk)
    assert changed(project, min_hours=5).hours == 5


def test_a_refusal_before_there_is_a_row_is_about_the_project() -> None:
    project = make.project()
    project.policy.delete()
    project = type(project).objects.get(pk=project.pk)
    with pytest.raises(PermissionDenied):
        project.rules.change(by=make.user(), min_hours=0)
    assert Event.objects.get().kind == "projects.project"


def test_two_people_who_change_different_rules_both_have_their_way() -> None:
    project = make.project()
    by = make.member(project)
    one, other = Policy.objects.get(project=project), Policy.objects.get(project=project)
    one.change(by=by, min_hours=24)
    other.change(by=by, checklist="Look twice.")
    assert (other.min_hours, other.checklist) == (24, "Look twice.")
    kept = Policy.objects.get(project=project)
    assert (kept.min_hours, kept.checklist) == (24, "Look twice.")


def test_two_people_who_make_the_first_change_make_one_row() -> None:
    project = make.project()
    by = make.member(project)
    Policy.objects.all().delete()
    one, other = (Project.objects.get(pk=project.pk).rules for _ in range(2))
    one.change(by=by, min_hours=24)
    other.change(by=by, checklist="Look twice.")
    kept = Policy.objects.get()
    assert (kept.min_hours, kept.checklist) == (24, "Look twice.")


def test_two_editors_collide_visibly_and_the_second_keeps_nothing() -> None:
    project = make.project()
    by = make.member(project)
    one, other = (Project.objects.get(pk=project.pk).rules for _ in range(2))
    one.change(by=by, seen=0, min_hours=24)
    with pytest.raises(Stale, match="changed by somebody else"):
        other.change(by=by, seen=0, min_hours=48)
    kept = Policy.objects.get(project=project)
    assert (kept.min_hours, kept.version) == (24, 1)
    Project.objects.get(pk=project.pk).rules.change(by=by, seen=1, min_hours=48)
    assert Policy.objects.get(project=project).version == 2


def test_the_nearest_place_says_what_holds() -> None:
    project = make.project(hours=None)
    by = make.member(project)
    release = make.release(project, by=by)
    operator = make.operator()
    rules_of_foundation().change(by=operator, min_hours=100, checklist="Foundation's")
    assert (release.rules.hours, release.rules.checklist) == (100, "Foundation's")
    rules_of_committee(project.committee).change(by=by, min_hours=110)
    release.refresh_from_db()
    assert (release.rules.hours, release.rules.checklist) == (110, "Foundation's")
    assert str(release.rules.origin("min_hours")) == f"from the committee {project.committee}"
    release.project.rules.change(by=by, min_hours=120)
    release.refresh_from_db()
    assert release.rules.hours == 120
    release.rules.change(by=by, min_hours=0)
    release.refresh_from_db()
    assert (release.rules.hours, release.rules.is_own("min_hours")) == (0, True)
    assert Project.objects.get(pk=project.pk).rules.hours == 120
    told = (
        Event.objects.filter(tag=Tag.POLICY_CHANGED).order_by("pk").values_list("kind", flat=True)
    )
    assert list(told) == [
        *("projects.policy", "projects.committee", "projects.project", "releases.release")
    ]


def test_nobody_asks_for_fewer_binding_votes_than_the_foundation() -> None:
    project = make.project()
    rules_of_foundation().change(by=make.operator(), binding_needed=5)
    project.rules.change(by=make.member(project), binding_needed=4)
    rules = Project.objects.get(pk=project.pk).rules
    assert (rules.binding_needed, str(rules.origin("binding_needed"))) == (5, "from the foundation")
    rules.change(by=make.member(project), binding_needed=6)
    assert Project.objects.get(pk=project.pk).rules.binding_needed == 6


def test_the_foundation_s_policy_is_for_operators_and_a_committee_s_for_its_people() -> None:
    project = make.project()
    with pytest.raises(PermissionDenied):
        rules_of_foundation().change(by=make.member(project), min_hours=0)
    with pytest.raises(PermissionDenied):
        rules_of_committee(project.committee).change(by=make.member(make.project()), min_hours=0)
    rules_of_committee(project.committee).change(by=make.member(project), min_hours=0)
    assert not Policy.objects.filter(is_foundation=True).exists()


def test_a_policy_is_of_one_place() -> None:
    project = make.project()
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.filter(project=project).update(is_foundation=True)
    Policy.objects.create(is_foundation=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.create(is_foundation=True)


def test_a_release_that_is_deleted_takes_its_policy_along() -> None:
    release = make.release()
    by = make.member(release)
    release.rules.change(by=by, min_hours=0)
    release.delete_draft(by=by)
    assert not Policy.objects.filter(release__isnull=False).exists()
