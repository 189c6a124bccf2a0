"""Acts of operators: asked with the rows and the reason, done by the verb, told row by row."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from keys.models import KeysFile, SigningKey
from projects.models import Project, User
from tests import make, workflows
from tests.api import token
from tests.verbs import a_link, a_mail
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib import admin_acts
from trusted_releases.lib.admin_acts import Acts

pytestmark = pytest.mark.django_db


@pytest.fixture
def console() -> Client:
    return logged_in(make.staff("security officer", username="officer"))


def page_of(row: Any, act: str) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_act", args=[row.pk, act])


def choose(rows: list[Any], act: str, **more: str) -> dict[str, Any]:
    return {"action": act, "_selected_action": [row.pk for row in rows], **more}


class TestOneRow:
    def test_it_names_the_row_says_what_will_happen_and_how_to_undo_it(self, console) -> None:
        project = make.project("tool")
        page = console.get(page_of(project, "hold")).content.decode()
        for words in ("Tool", "What will happen", "To undo it:", "Back, without doing it"):
            assert words in page
        assert not Project.objects.get().is_held

    def test_a_post_with_a_reason_does_it(self, console) -> None:
        project = make.project("tool")
        answer = console.post(page_of(project, "hold"), {"reason": "Key lost"}, follow=True)
        assert "Hold: done, Tool." in answer.content.decode()
        event = Event.objects.get(tag=Tag.PROJECT_HELD)
        assert (event.actor, event.facts) == ("officer", {"reason": "Key lost"})

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
    def test_without_a_good_reason_it_is_asked_again(self, console, reason: str) -> None:
        project = make.project()
        assert console.post(page_of(project, "hold"), {"reason": reason}).status_code == 422
        assert not Project.objects.get(pk=project.pk).is_held

    @pytest.mark.parametrize("typed", ["", "revoke", "YES"])
    def test_what_cannot_be_undone_takes_the_typed_word(self, console, typed: str) -> None:
        person = make.user(password="right")
        address = page_of(person, "revoke")
        assert "This cannot be undone" in console.get(address).content.decode()
        sent = {"reason": "Stolen", "typed": typed}
        assert console.post(address, sent).status_code == 422
        assert User.objects.get(pk=person.pk).check_password("right")
        assert console.post(address, {**sent, "typed": "REVOKE"}).status_code == 302
        assert not User.objects.get(pk=person.pk).check_password("right")

    def test_what_the_verb_refuses_is_told_and_on_record(self, console) -> None:
        person = make.user(is_active=False)
        sent = {"reason": "Again"}
        page = console.post(page_of(person, "switch-off"), sent, follow=True).content.decode()
        assert "is switched off already" in page
        assert Event.objects.get(refused=True).facts["verb"] == "switch_off"

    def test_what_is_not_there_is_a_404(self, console) -> None:
        project = make.project()
        assert console.get(page_of(project, "explode")).status_code == 404
        project.pk = 999
        assert console.get(page_of(project, "hold")).status_code == 404


class TestSeveralRows:
    def test_all_are_named_then_done(self, console) -> None:
        rows = [make.project("one"), make.project("two")]
        address = reverse("admin:projects_project_changelist")
        page = console.post(address, choose(rows, "hold")).content.decode()
        assert "One" in page
        assert "Two" in page
        assert not Project.objects.filter(held_at__isnull=False).exists()
        sent = choose(rows, "hold", confirmed="yes", reason="Key lost")
        page = console.post(address, sent, follow=True).content.decode()
        assert "Hold: done, 2 of 2." in page
        assert Event.objects.filter(tag=Tag.PROJECT_HELD, facts__reason="Key lost").count() == 2

    def test_one_that_is_refused_does_not_stop_the_others(self, console) -> None:
        rows = [make.project("one"), make.project("two")]
        rows[0].hold(by=make.operator(), reason="Before")
        sent = choose(rows, "hold", confirmed="yes", reason="Key lost")
        address = reverse("admin:projects_project_changelist")
        page = console.post(address, sent, follow=True).content.decode()
        assert "Hold: done, 1 of 2." in page
        assert "One is held already" in page

    def test_one_that_does_not_fit_is_marked_before(self, console) -> None:
        rows = [make.project("one"), make.project("two")]
        rows[0].hold(by=make.operator(), reason="Before")
        address = reverse("admin:projects_project_changelist")
        page = console.post(address, choose(rows, "hold")).content.decode()
        assert page.count("It is not in a state for this") == 1

    def test_more_than_anybody_reads_are_not_done_at_once(self, console, monkeypatch) -> None:
        monkeypatch.setattr(admin_acts, "AT_ONCE", 1)
        rows = [make.project("one"), make.project("two")]
        sent = choose(rows, "hold", confirmed="yes", reason="Key lost")
        address = reverse("admin:projects_project_changelist")
        page = console.post(address, sent, follow=True).content.decode()
        assert "At most 1 rows at once" in page
        assert not Project.objects.filter(held_at__isnull=False).exists()


def every_act() -> list[tuple[str, str, str]]:
    """Model, act and right, as the console has them."""
    return [
        (model._meta.label_lower, act.name, act.perm)
        for model, row in admin.site._registry.items()
        if isinstance(row, Acts)
        for act in row.acts
    ]


# Which group is offered what: all that any of them does to rows.
OPERATOR, OFFICER = ("operator",), ("security officer",)
OFFERED = {
    ("ledger.job", "retry"): OPERATOR,
    ("ledger.job", "give-up"): OPERATOR,
    ("releases.release", "recheck"): OPERATOR,
    ("releases.release", "cancel-vote"): OPERATOR,
    ("releases.release", "retry-publication"): OPERATOR,
    ("releases.message", "resend"): OPERATOR,
    ("projects.project", "hold"): OFFICER,
    ("projects.project", "unhold"): OFFICER,
    ("projects.user", "switch-off"): OFFICER,
    ("projects.user", "switch-on"): OFFICER,
    ("projects.user", "revoke"): OFFICER,
    ("projects.workflow", "revoke"): OPERATOR,
    ("keys.keylink", "unlink"): OPERATOR + OFFICER,
    ("keys.keysfile", "publish"): OPERATOR + OFFICER,
    ("keys.accesstoken", "revoke"): OPERATOR + OFFICER,
    ("keys.workflowsshkey", "revoke"): OPERATOR + OFFICER,
    ("keys.uploadticket", "revoke"): OPERATOR + OFFICER,
    ("keys.signingkey", "rotate"): OFFICER,
}


def test_no_act_is_without_its_line() -> None:
    assert {(kind, name) for kind, name, _ in every_act()} == set(OFFERED)


@pytest.mark.parametrize("group", ["auditor", *OPERATOR, *OFFICER])
@pytest.mark.parametrize(("kind", "name"), OFFERED)
def test_a_group_does_what_it_is_for_and_nothing_else(kind: str, name: str, group: str) -> None:
    release = make.release(make.project(), files={"a.txt": "a"})
    member = make.member(release)
    rows = {
        "ledger.job": Job.objects.get(release=str(release.pk)),
        "releases.release": release,
        "releases.message": a_mail(release),
        "projects.project": release.project,
        "projects.user": make.user(),
        "projects.workflow": make.workflow(release.project).grant(by=make.member(release.project)),
        "keys.keylink": a_link(release, make.member(release.project)),
        "keys.keysfile": KeysFile.objects.of(release.committee),
        "keys.accesstoken": token(make.user()),
        "keys.workflowsshkey": workflows.key(release.project, member),
        "keys.uploadticket": workflows.ticket(release.project, member)[0],
        "keys.signingkey": SigningKey.objects.current(),
    }
    client = logged_in(make.staff(group))
    expected = 200 if group in OFFERED[kind, name] else 403
    assert client.get(page_of(rows[kind], name)).status_code == expected
    sent = {"reason": "Because", "typed": "CANCEL"}
    if expected == 403:
        assert client.post(page_of(rows[kind], name), sent).status_code == 403


def test_every_act_says_how_to_undo_it_or_asks_for_a_word() -> None:
    for row in admin.site._registry.values():
        for act in getattr(row, "acts", ()):
            assert bool(act.undo) != bool(act.typed), act.name
