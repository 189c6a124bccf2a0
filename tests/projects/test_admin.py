"""What operators change in the console goes through the verbs and leaves events."""

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import Committee, Membership, Policy, Project, User
from tests import make
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def console() -> Client:
    client = Client()
    client.force_login(make.operator())
    return client


def events(tag) -> list[Event]:
    return list(Event.objects.filter(tag=tag))


def members(*rows, initial=0, **more):
    """The inline form of a committee's people."""
    form = {
        "memberships-TOTAL_FORMS": str(len(rows)),
        "memberships-INITIAL_FORMS": str(initial),
        **more,
    }
    for place, (person, role) in enumerate(rows):
        form |= {f"memberships-{place}-user": person.pk, f"memberships-{place}-role": role}
    return form


class TestCommittees:
    def test_a_new_one_with_a_member_leaves_two_events(self, console):
        person = make.user()
        sent = {"slug": "tool", "name": "Tool", **members((person, "member"))}
        assert console.post(reverse("admin:projects_committee_add"), sent).status_code == 302
        assert person.roles_in(Committee.objects.get()) == {"member"}
        assert len(events("committee.created")) == 1
        assert events("member.added")[0].facts == {"person": person.username, "role": "member"}

    def test_what_a_verb_refuses_is_told_and_changes_nothing(self, console):
        committee, gone = make.committee("tool"), make.user(is_active=False)
        url = reverse("admin:projects_committee_change", args=[committee.pk])
        sent = {"slug": "tool", "name": "Renamed", **members((gone, "member"))}
        page = console.post(url, sent, follow=True).content.decode()
        assert "is switched off" in page
        committee.refresh_from_db()
        assert committee.name == "Tool"
        assert not Membership.objects.exists()
        assert Event.objects.get(refused=True).facts["code"] == "bad_input"

    def test_none_is_deleted(self, console):
        committee = make.committee()
        url = reverse("admin:projects_committee_delete", args=[committee.pk])
        assert console.post(url, {"post": "yes"}).status_code == 403


class TestMemberships:
    def test_a_role_is_given_and_taken_with_an_event_each(self, console):
        committee, person = make.committee(), make.user()
        sent = {"committee": committee.pk, "user": person.pk, "role": "member"}
        console.post(reverse("admin:projects_membership_add"), sent)
        given = Membership.objects.get()
        url = reverse("admin:projects_membership_delete", args=[given.pk])
        assert console.post(url, {"post": "yes"}).status_code == 302
        assert not Membership.objects.exists()
        assert len(events("member.added")) == len(events("member.removed")) == 1

    def test_several_taken_at_once_leave_an_event_each(self, console):
        project = make.project()
        rows = [make.member(project), make.member(project)]
        chosen = Membership.objects.filter(user__in=rows).values_list("pk", flat=True)
        sent = {"action": "delete_selected", "_selected_action": list(chosen), "post": "yes"}
        console.post(reverse("admin:projects_membership_changelist"), sent)
        assert len(events("member.removed")) == 2


class TestProjectsAndPolicies:
    def test_a_new_project_and_a_changed_one_leave_events(self, console):
        committee = make.committee()
        sent = {"slug": "tool", "name": "Tool", "committee": committee.pk, "status": "active"}
        console.post(reverse("admin:projects_project_add"), sent)
        project = Project.objects.get()
        assert events("project.created")[0].project == "tool"
        url = reverse("admin:projects_project_change", args=[project.pk])
        console.post(url, sent | {"status": "retired"})
        assert events("project.changed")[0].facts == {"fields": ["status"]}

    def test_a_policy_is_changed_by_its_verb(self, console):
        project = make.project(hours=72)
        url = reverse("admin:projects_policy_change", args=[project.policy.pk])
        sent = {
            "min_hours": 96,
            "binding_needed": 3,
            "license_mode": "files",
            "pause_on_minus_one": "on",
        }
        assert console.post(url, sent).status_code == 302
        assert Policy.objects.get().min_hours == 96
        assert events("policy.changed")[0].facts == {"min_hours": 96}

    def test_a_project_gets_its_first_policy(self, console):
        project = make.project()
        Policy.objects.all().delete()
        sent = {
            "project": project.pk,
            "min_hours": 96,
            "binding_needed": 3,
            "license_mode": "files",
        }
        console.post(reverse("admin:projects_policy_add"), sent)
        assert Policy.objects.get().min_hours == 96
        assert len(events("policy.changed")) == 1


class TestPeople:
    def test_a_change_of_standing_is_on_record_without_the_password(self, console):
        person = make.user("dora")
        url = reverse("admin:projects_user_change", args=[person.pk])
        sent = {
            **{"username": "dora", "email": "dora@example.org", "is_active": "on"},
            "is_committer": "on",
        }
        assert console.post(url, sent).status_code == 302
        person.refresh_from_db()
        assert person.is_committer
        assert events("account.changed")[0].facts == {"fields": ["is_committer"]}

    def test_an_account_is_switched_off_and_never_deleted(self, console):
        person = make.user()
        url = reverse("admin:projects_user_delete", args=[person.pk])
        assert console.post(url, {"post": "yes"}).status_code == 403
        assert User.objects.filter(pk=person.pk).exists()


def test_what_others_name_a_row_by_stays_as_it_was_made(console) -> None:
    project, person = make.project("tool"), make.user("dora")
    committee = project.committee
    for row, field in ((committee, "slug"), (project, "slug"), (person, "username")):
        url = reverse(f"admin:projects_{row._meta.model_name}_change", args=[row.pk])
        form = {name: "" if value is None else value for name, value in _form(console, url).items()}
        assert field not in form
        before = getattr(row, field)
        assert console.post(url, {**form, field: "another"}).status_code == 302
        row.refresh_from_db()
        assert getattr(row, field) == before


def _form(console: Client, url: str) -> dict[str, object]:
    """What a browser would send back for the page as it is."""
    context = console.get(url).context
    sent = {name: field.value() for name, field in _bound(context["adminform"].form)}
    for formset in context["inline_admin_formsets"]:
        sent |= {each.html_name: each.value() for each in formset.formset.management_form}
    return sent


def _bound(form):
    return [(field.html_name, field) for field in form if field.value() is not False]
