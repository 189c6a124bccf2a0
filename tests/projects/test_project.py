"""Projects, cycles and policies."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from projects.models import Policy, Project
from projects.roles import Role
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db


def changed(project, **values) -> Policy:
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
        "license_mode": "files",
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
    stored = Policy.objects.get(project=project)
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


@pytest.mark.parametrize("status", ["dormant", "retired"])
def test_only_active_projects_release(status: str) -> None:
    with pytest.raises(NotReady) as refused:
        make.release(make.project(status=status))
    assert [each.code for each in refused.value.obstacles] == ["project_not_active"]


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("2.1.0", "2.x"),
        ("10.0-rc1", "10.x"),
        ("beta1", "default"),
        ("9" * 64, "9" * 20 + ".x"),  # as long as a version may be, and no name of a line is
    ],
)
def test_a_version_belongs_to_the_line_of_its_major_number(version: str, name: str) -> None:
    project = make.project()
    assert project.cycle_for(version) == project.cycle_for(version)
    assert str(project.cycle_for(version)) == f"{project} {name}"


def test_names_are_what_addresses_say() -> None:
    project = make.project("x")
    assert (str(project), project.project, str(project.policy)) == ("X", project, "Policy of X")
    assert project.policy.committee == project.committee


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
