"""Clients of the pages, for tests, and what they look at."""

from typing import NamedTuple

from django.test import Client

from projects.models import User


def logged_in(person: User) -> Client:
    """A client that this person has logged in with, without a password."""
    client = Client()
    client.force_login(person)
    return client


SHOWN = (200, 286, 302)  # a page; a part that need not be asked for again; a way to a page


class Page(NamedTuple):
    """An address under a name that says what it shows; `visitor` is a key of `visitors()`."""

    name: str
    address: str
    visitor: str = "anonymous"
