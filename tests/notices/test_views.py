"""Pages of notices: one's own, without scripts, at no cost for others."""

import pytest
from django.urls import reverse

from notices.kinds import How, Kind
from notices.models import Notice, Preference, count_unread, wishes_of
from projects.models import User
from tests import make
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make.user("ada")


def notice(person, event: int = 1, **more) -> Notice:
    fields = {"kind": Kind.CALLED, "text": f"Told {event}.", "url": "/releases/", "how": How.SITE}
    made = Notice.objects.create(person=person, event=event, **fields | more)
    count_unread(person.pk)
    return made


def test_a_person_sees_their_own_and_how_many_are_new(client, ada) -> None:
    notice(ada)
    notice(make.user("ben"), 2)
    page = logged_in(ada).get("/notices/").content.decode()
    assert "Told 1." in page
    assert "Told 2." not in page
    assert "1</b>" in page
    assert client.get("/notices/").status_code == 302


def test_opening_one_makes_it_read_and_leads_there(ada) -> None:
    made = notice(ada)
    answer = logged_in(ada).post(reverse("notices:open", args=[made.pk]))
    assert (answer.status_code, answer.url) == (303, "/releases/")
    assert User.objects.get(pk=ada.pk).unread == 0
    other = logged_in(make.user())
    assert other.post(reverse("notices:open", args=[made.pk])).status_code == 404


def test_all_of_them_are_read_by_one_button(ada) -> None:
    for number in range(3):
        notice(ada, number)
    client = logged_in(ada)
    assert client.post("/notices/").status_code == 303
    assert not Notice.objects.unread().exists()
    assert User.objects.get(pk=ada.pk).unread == 0


def test_the_number_costs_no_question(ada, django_assert_num_queries) -> None:
    client = logged_in(ada)
    client.get("/docs/")
    with django_assert_num_queries(3):
        without = client.get("/docs/")
    notice(ada)
    with django_assert_num_queries(3):
        assert "unread</span>" in client.get("/docs/").content.decode()
    assert "unread</span>" not in without.content.decode()


def test_many_notices_cost_as_much_as_one(ada, django_assert_max_num_queries) -> None:
    for number in range(60):
        notice(ada, number, project=make.project() if number % 20 == 0 else None)
    client = logged_in(ada)
    with django_assert_max_num_queries(8):
        client.get("/notices/")


def test_a_choice_is_kept_everywhere_and_in_a_project(ada) -> None:
    project = make.project("tool")
    client = logged_in(ada)
    sent = {kind.value: "off" for kind in Kind}
    assert client.post("/notices/preferences/", sent).status_code == 303
    assert set(wishes_of(ada, None).values()) == {How.OFF}
    only = {"called": "mail"}
    assert client.post("/notices/preferences/tool/", only).status_code == 303
    assert wishes_of(ada, project.pk)[Kind.CALLED] == How.MAIL
    assert Preference.objects.filter(project=project).count() == 1
    page = client.get("/notices/preferences/tool/").content.decode()
    assert "As everywhere: not at all" in page
    assert client.post("/notices/preferences/", {"called": "loud"}).status_code == 422
    assert client.get("/notices/preferences/none/").status_code == 404


def test_nobody_reads_them_who_acts_in_the_person_s_name(ada) -> None:
    assert ada.has_perm("notices.read_own", ada)
    ada.acted_by = make.operator()
    assert not ada.has_perm("notices.read_own", ada)
