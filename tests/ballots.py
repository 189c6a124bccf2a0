"""What tests of votes have in common: addresses, ballots as forms send them, pages as text."""

from django.test import Client
from django.urls import reverse


def url(release, name, *more):
    return reverse(f"releases:{name}", args=[*release.url_args, *more])


def ballot(vote, choice="+1", **more):
    return {"choice": choice, "manifest_digest": vote.manifest_digest, **more}


def page_of(vote, client=None) -> str:
    answer = (client or Client()).get(vote.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()
