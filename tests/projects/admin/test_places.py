"""What operators change in the console goes through the verbs and leaves events."""

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import Committee, Membership, Policy, Project, User
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def console() -> Client:
    client = Client()
    client.force_login(make.operator())
    return client


def events(tag) -> list[Event]:
    return list(Event.objects.filter(tag=tag))


class TestCommittees:
    def test_a_new_one_leaves_an_event(self, console):
        sent = {"slug": "tool", "name": "Tool"}
        assert console.post(reverse("admin:projects_committee_add"), sent).status_code == 302
        assert Committee.objects.get().slug == "tool"
        assert len(events("committee.created")) == 1

    def test_its_parent_is_typed_by_name(self, console):
        parent, committee = make.committee("incubator"), make.committee("tool")
        url = reverse("admin:projects_committee_change", args=[committee.pk])
        sent = {"name": "Tool", "parent": "nobody"}
        page = console.post(url, sent).content.decode()
        assert "There is none of this name: “nobody”." in page
        assert console.post(url, {**sent, "parent": "incubator"}).status_code == 302
        committee.refresh_from_db()
        assert committee.parent == parent
        assert 'value="incubator"' in console.get(url).content.decode()

    def test_its_people_are_one_link_away_and_so_is_a_role_for_one_more(self, console):
        project = make.project("tool")
        make.member(project)
        url = reverse("admin:projects_committee_change", args=[project.committee.pk])
        page = console.get(url).content.decode()
        assert "1 roles" in page
        assert f"{reverse('admin:projects_membership_add')}?committee=tool" in page
        auditor = logged_in(make.staff("auditor"))
        assert "Give a role" not in auditor.get(url).content.decode()

    def test_none_is_deleted(self, console):
        committee = make.committee()
        url = reverse("admin:projects_committee_delete", args=[committee.pk])
        assert console.post(url, {"post": "yes"}).status_code == 403


class TestMemberships:
    def test_what_a_verb_refuses_is_told_and_changes_nothing(self, console):
        committee, gone = make.committee("tool"), make.user("gone", is_active=False)
        sent = {"committee": committee.slug, "user": gone.username, "role": "member"}
        address = reverse("admin:projects_membership_add")
        page = console.post(address, sent, follow=True).content.decode()
        assert "is switched off" in page
        assert not Membership.objects.exists()
        assert Event.objects.get(refused=True).facts["code"] == "bad_input"

    def test_the_page_that_takes_a_role_says_so_and_leads_back(self, console):
        make.member(make.project())
        row = Membership.objects.get()
        page = console.get(reverse("admin:projects_membership_delete", args=[row.pk]))
        assert "Take it away" in page.content.decode()
        assert 'href="#"' not in page.content.decode()
        sent = {"action": "delete_selected", "_selected_action": [row.pk]}
        page = console.post(reverse("admin:projects_membership_changelist"), sent)
        assert "Take them away" in page.content.decode()
        assert 'href="#"' not in page.content.decode()
        assert Membership.objects.exists()

    def test_a_role_is_given_and_taken_with_an_event_each(self, console):
        committee, person = make.committee(), make.user()
        sent = {"committee": committee.slug, "user": person.username, "role": "member"}
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
        sent = {"slug": "tool", "name": "Tool", "committee": committee.slug, "status": "active"}
        console.post(reverse("admin:projects_project_add"), sent)
        project = Project.objects.get()
        assert events("project.created")[0].project == "tool"
        url = reverse("admin:projects_project_change", args=[project.pk])
        console.post(url, sent | {"status": "retired"})
        assert events("project.changed")[0].facts == {"fields": ["status"]}

    def test_a_project_gets_more_room_for_uploads_and_nobody_else_gives_it(self, console):
        project = make.project("tool")
        url = reverse("admin:projects_project_change", args=[project.pk])
        sent = {"name": "Tool", "committee": project.committee.slug, "status": "active"}
        auditor = logged_in(make.staff("auditor"))
        assert auditor.post(url, sent | {"upload_quota": "5000"}).status_code == 403
        assert "Room for uploads" in console.get(url).content.decode()
        console.post(url, sent | {"upload_quota": "0"})
        assert Project.objects.get().upload_quota is None
        assert console.post(url, sent | {"upload_quota": "5000"}).status_code == 302
        assert Project.objects.get().upload_quota == 5000
        event = events("project.changed")[-1]
        assert event.facts == {"fields": ["upload_quota"], "upload_quota": 5000}

    def test_a_policy_is_changed_by_its_verb(self, console):
        project = make.project(hours=72)
        url = reverse("admin:projects_policy_change", args=[project.policy.pk])
        sent = {"min_hours": 96, "pause_on_minus_one": "unknown"}
        assert console.post(url, sent).status_code == 302
        assert Policy.objects.get().min_hours == 96
        assert events("policy.changed")[0].facts == {"min_hours": 96}

    def test_a_project_gets_its_first_policy(self, console):
        project = make.project()
        Policy.objects.all().delete()
        sent = {
            "project": project.slug,
            "min_hours": 96,
            "binding_needed": 3,
            "license_mode": "lightweight",
            "vote_mode": "trusted",
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
        assert events("account.changed")[0].facts == {
            "fields": ["is_committer"],
            "person": "dora",
        }

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
