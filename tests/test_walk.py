"""A release from nothing to its announcement over HTTP alone, with a real worker."""

from pathlib import Path
from typing import Any

import pytest

from keys.models import AccessToken
from projects.models import User
from releases.models import Message
from tests import make, signed, walk
from tests.walk import Refused, Visitor
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag


def visitor(site: str, person: User) -> Visitor:
    _, secret = AccessToken.objects.make(by=person, label="walk", days=1)
    return Visitor(site, person.username, secret)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_release_walks_from_nothing_to_its_announcement(
    live_server: Any, live_worker: Any, tmp_path: Path
) -> None:
    project = make.project("tool")
    people = [visitor(live_server.url, make.member(project)) for _ in range(3)]
    keys = signed.author().public.decode()
    steps = walk.walk(people, "tool", "1.0", signed.files_of(tmp_path), keys)
    said = [step.split(":")[0] for step in steps]
    assert said == [
        "keys",
        "created",
        f"uploaded {signed.NAME}",
        f"uploaded {signed.NAME}.asc",
        f"uploaded {signed.NAME}.sha512",
        "checked",
        "voted",
        "passed",
        "announced",
        "downloaded, and the same",
    ]
    for tag in (Tag.VOTE_PASSED, Tag.RELEASE_PUBLISHED, Tag.RELEASE_ANNOUNCED):
        assert Event.objects.filter(tag=tag).count() == 1
    assert Event.objects.filter(tag=Tag.BALLOT_CAST).count() == 3
    walk.wait(lambda: Message.objects.count() >= 3)
    with pytest.raises(Refused, match="409"):
        people[0].post("/release/create", project="tool", version="1.0")


@pytest.mark.django_db(transaction=True)
def test_a_stranger_does_not_get_through_the_door(live_server: Any) -> None:
    person = make.user()
    with pytest.raises(Refused, match=r"401 .*Authentication failed"):
        Visitor(live_server.url, person.username, "trt_wrong")
    stranger = visitor(live_server.url, person)
    make.project("tool")
    with pytest.raises(Refused, match="403"):
        stranger.post("/release/create", project="tool", version="1.0")
