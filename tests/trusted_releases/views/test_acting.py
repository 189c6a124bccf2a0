"""The page that asks why, before one acts on behalf of somebody."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import make
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db


def test_it_says_what_will_happen_and_how_to_end_it() -> None:
    person = make.user(full_name="Dora Doe")
    client = logged_in(make.staff("security officer"))
    page = client.get(reverse("act-on-behalf", args=[person.pk])).content.decode()
    assert "Act on behalf of Dora Doe" in page
    assert "15 minutes" in page
    assert "To undo it" in page


def test_strangers_do_not_learn_which_accounts_there_are(client: Client) -> None:
    for pk in (make.user().pk, 999_999):
        assert client.get(reverse("act-on-behalf", args=[pk])).status_code == 403


def test_the_button_stands_on_the_page_of_a_person_for_those_who_may() -> None:
    person, operator = make.user(), make.operator()
    officer, auditor = make.staff("security officer"), make.staff("auditor")
    address = reverse("act-on-behalf", args=[person.pk])
    page = reverse("admin:projects_user_change", args=[person.pk])
    assert address in logged_in(officer).get(page).content.decode()
    assert address not in logged_in(auditor).get(page).content.decode()
    of_operator = reverse("admin:projects_user_change", args=[operator.pk])
    assert "act-on-behalf" not in logged_in(officer).get(of_operator).content.decode()


def test_the_second_factor_is_asked_for_here_as_well(settings) -> None:
    settings.ADMIN_MFA = True
    client = logged_in(make.staff("security officer"))
    answer = client.get(reverse("act-on-behalf", args=[make.user().pk]))
    assert answer.status_code == 403
    assert "takes a second factor" in answer.content.decode()


def test_ending_is_a_post() -> None:
    assert logged_in(make.user()).get(reverse("end-acting")).status_code == 405
