"""Many voters who change their minds at once: what counts is the last that each of them said.

`SOAK_VOTERS=500` for the full measure; a tenth of it runs with the rest of the tests.
"""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from releases import tally
from releases.models import Vote
from releases.phases import Choice, Outcome
from releases.reviewing import problems_of
from tests import make

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.timeout(1800),
    pytest.mark.django_db(transaction=True),
]

VOTERS = int(os.environ.get("SOAK_VOTERS", "50"))
MINDS = 4  # ballots of each voter
AT_ONCE = 16


def test_the_tally_is_of_the_last_ballot_of_each_voter_however_they_overlap() -> None:
    vote = make.vote()
    binding = [make.member(vote.project) for _ in range(VOTERS // 10)]
    voters = binding + [make.user() for _ in range(VOTERS - len(binding))]
    dice = random.Random(7)
    acts = {
        person.pk: [dice.choice(("+1", "+1", "0", "-1")) for _ in range(MINDS)] for person in voters
    }

    def change_minds(person) -> None:
        try:
            mine = Vote.objects.select_related("release__project__committee").get(pk=vote.pk)
            for number, choice in enumerate(acts[person.pk]):
                mine.cast(
                    choice,
                    by=person,
                    manifest_digest=mine.manifest_digest,
                    comment=f"Mind {number}",
                )
        finally:
            connections.close_all()

    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(change_minds, person) for person in voters]:
            done.result()
    took = time.monotonic() - began

    last = {person.username: acts[person.pk][-1] for person in voters}
    fresh = Vote.objects.get(pk=vote.pk)
    assert {who: cast.choice for who, cast in tally.effective(fresh.casts()).items()} == last
    counted = fresh.tally()
    names = {person.username for person in binding}
    for counts, ours in ((counted.binding, names), (counted.other, set(last) - names)):
        said = [last[who] for who in ours]
        assert (counts.for_it, counts.abstain, counts.against) == tuple(
            said.count(choice) for choice in Choice.values
        )
    assert fresh.ballots.count() == VOTERS * MINDS
    closed = fresh.release.resolve_vote(Outcome.CANCELLED, by=make.member(vote.project))
    assert list(problems_of(closed)) == []
    print(f"{VOTERS} voters, {VOTERS * MINDS} ballots, {AT_ONCE} at once: {took:.1f} s")  # noqa: T201
