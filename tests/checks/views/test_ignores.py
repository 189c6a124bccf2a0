"""The pages of ignores: one click from a finding, a preview before anything is set, and back."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from checks.engine.model import Level
from checks.models import Ignore
from projects.roles import Role
from releases.models import Release
from tests import make
from tests.checks.made import checked, draft, found, member_of, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def release() -> Release:
    made = draft()
    rows = [found(member=f"tool-1.0/lib/{n}.c") for n in range(3)]
    run = checked(made.newest, *rows, found(Level.BLOCKER, message="Damaged."))
    Ignore.objects.judge(run, made.check_basis())
    return Release.objects.get(pk=made.pk)


@pytest.fixture
def owner(release: Release) -> Client:
    return member_of(release)


def page(name: str, *more: object) -> str:
    return reverse(f"checks:{name}", args=["tool", *more])


def hidden_fields(text: str) -> dict[str, str]:
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', text)[1] for name in ("shown", "seen")
    }


def link_to_ignore(text: str) -> str:
    return re.search(r'href="([^"]*ignores/set/[^"]*)"', text)[1].replace("&amp;", "&")


def set_(client: Client, where: str = "", **data):
    where = where or page("set-ignore")
    preview = client.post(where, data | {"preview": "yes"}).content.decode()
    return client.post(where, data | hidden_fields(preview))


def test_one_click_on_a_finding_fills_in_the_form_and_shows_what_it_hides(owner, release) -> None:
    findings = owner.get(url(release, "findings")).content.decode()
    text = owner.get(link_to_ignore(findings)).content.decode()
    assert "<b>3 findings</b>: 3 concerns." in text
    assert 'value="/lib/"' in text
    assert '<option value="license.headers" selected>' in text
    assert "tool-1.0/lib/0.c" in text
    assert not Ignore.objects.exists()


def test_from_there_a_reason_and_one_button_set_it(owner, release) -> None:
    where = link_to_ignore(owner.get(url(release, "findings")).content.decode())
    text = owner.get(where).content.decode()
    data = {"rule": "license.headers", "member": "/lib/", "level": "concern"}
    data |= {"path": "tool-*.tar.gz", "message": "It has no header.", "reason": "Third-party."}
    answer = owner.post(where, data | hidden_fields(text), follow=True)
    assert answer.redirect_chain == [(url(release, "findings"), 303)]
    assert Ignore.objects.get().findings.count() == 3
    text = answer.content.decode()
    assert "3 findings are ignored: by whom, and why" in text
    assert "“Third-party.”" in text
    assert "tool-1.0/lib/0.c" not in text
    assert "Damaged." in text


def test_what_was_not_seen_is_not_set(owner) -> None:
    data = {"rule": "license.headers", "reason": "So."}
    answer = owner.post(page("set-ignore"), data)
    assert answer.status_code == 200
    assert "Nothing was set yet" in answer.content.decode()
    seen = hidden_fields(answer.content.decode())
    owner.post(page("set-ignore"), data | seen | {"rule": "paths"})
    assert not Ignore.objects.exists()
    owner.post(page("set-ignore"), data | seen)
    assert Ignore.objects.count() == 1


def test_when_more_is_hidden_by_now_one_looks_again(owner, release) -> None:
    data = {"rule": "license.headers", "reason": "So."}
    seen = hidden_fields(owner.post(page("set-ignore"), data).content.decode())
    answer = owner.post(page("set-ignore"), data | seen | {"seen": "2"})
    assert answer.status_code == 409
    assert "It hides 3 findings by now, and you have seen 2" in answer.content.decode()
    assert not Ignore.objects.exists()


def test_a_preview_says_that_blockers_stay(owner) -> None:
    answer = owner.post(page("set-ignore"), {"path": "tool", "preview": "yes"})
    text = answer.content.decode()
    assert "1 blocker that it names stays" in text
    assert "<b>3 findings</b>" in text
    assert "This field is required" not in text


def test_a_wrong_pattern_is_said_beside_its_field(owner) -> None:
    answer = owner.post(page("set-ignore"), {"member": "^(", "reason": "So."})
    assert answer.status_code == 422
    assert "no regular expression" in answer.content.decode()


def test_what_is_ignored_can_be_looked_at(owner, release) -> None:
    set_(owner, rule="license.headers", reason="So.")
    text = owner.get(url(release, "findings"), {"ignored": "yes"}).content.decode()
    assert "These findings are ignored" in text
    assert "tool-1.0/lib/0.c" in text
    assert "Damaged." not in text
    one = Ignore.objects.get().pk
    assert "lib/0.c" in owner.get(url(release, "findings"), {"ignored": one}).content.decode()
    none = owner.get(url(release, "findings"), {"ignored": one + 1}).content.decode()
    assert "lib/0.c" not in none
    assert "ignores/set/" not in text


def test_a_link_to_a_finding_that_is_ignored_leads_to_it(owner, release) -> None:
    mark = release.newest.run.findings.filter(member="tool-1.0/lib/1.c").get().mark
    set_(owner, rule="license.headers", reason="So.")
    answer = owner.get(url(release, "finding", mark))
    assert "ignored=yes" in answer["Location"]
    assert f'id="finding-{mark}"' in owner.get(answer["Location"]).content.decode()


def test_it_is_lifted_on_a_page_that_says_what_follows(owner, release) -> None:
    set_(owner, rule="license.headers", reason="So.")
    made = Ignore.objects.get()
    text = owner.get(page("lift-ignore", made.pk)).content.decode()
    assert "Its findings count again in all drafts" in text
    answer = owner.post(page("lift-ignore", made.pk), follow=True)
    assert "is lifted: what it hid counts again" in answer.content.decode()
    assert "It has no header." in owner.get(url(release, "findings")).content.decode()
    again = owner.post(page("lift-ignore", made.pk))
    assert again.status_code == 409


def test_everybody_sees_what_is_ignored_and_why_and_nobody_else_sets_it(client, release) -> None:
    set_(member_of(release), rule="license.headers", reason="Because <so>.")
    text = client.get(page("ignores")).content.decode()
    assert "Because &lt;so&gt;." in text
    assert "in force" in text
    assert "Lift it" not in text
    assert page("set-ignore") not in text
    manager = Client()
    manager.force_login(make.member(release, Role.RELEASE_MANAGER))
    for where in (page("set-ignore"), page("lift-ignore", Ignore.objects.get().pk)):
        assert client.get(where).status_code == 302
        assert manager.get(where).status_code == 403
        assert manager.post(where, {"rule": "paths", "reason": "So."}).status_code in (200, 403)
    assert Ignore.objects.get().in_force


def test_the_ignores_of_another_project_are_not_found_here(owner, release) -> None:
    other = Ignore(project=make.project("other"), rule="paths", reason="So.")
    other.set(by=make.member(other.project))
    assert owner.get(page("lift-ignore", other.pk)).status_code == 404
    assert "So." not in owner.get(page("ignores")).content.decode()


def test_a_draft_that_one_may_not_see_fills_in_nothing(release) -> None:
    other = Client()
    other.force_login(make.member(release.project))
    mark = release.newest.run.findings.first().mark
    query = {"release": "9.9", "mark": mark}
    assert "Nothing yet" in other.get(page("set-ignore"), query).content.decode()


def test_the_page_of_a_vote_says_what_is_ignored_by_whom_and_why(client, release) -> None:
    release.newest.run.findings.filter(level="blocker").delete()
    Ignore.objects.judge(release.newest.run, release.check_basis())
    by = make.member(release, username="ada")
    Ignore(project=release.project, rule="license.headers", reason="Not ours.").set(by=by)
    vote = make.vote(Release.objects.get(pk=release.pk))
    text = client.get(vote.get_absolute_url()).content.decode()
    assert "3 findings are ignored: by whom, and why" in text
    assert "by ada" in text
    assert "“Not ours.”" in text


@pytest.mark.parametrize("count", [2, 40])
def test_the_list_costs_the_same_for_few_and_for_many(
    owner, release, count, django_assert_num_queries
) -> None:
    by = make.member(release)
    for n in range(count):
        Ignore.objects.create(project=release.project, rule="paths", reason=f"{n}", set_by=by)
    owner.get(page("ignores"))
    with django_assert_num_queries(7):
        owner.get(page("ignores"))


def test_nothing_ignored_says_what_to_do_next(owner) -> None:
    assert "Nothing is ignored" in owner.get(page("ignores")).content.decode()
