"""Votes with their ballots, counted by the tally that counts real ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from releases import tally
from releases.models import Ballot
from releases.models.resolving import TAGS
from releases.phases import Choice, Outcome, Phase
from trusted_releases.ledger.tags import Tag
from trusted_releases.seeding.book import Act
from trusted_releases.seeding.people import Someone
from trusted_releases.seeding.story import Story

BALLOT = Ballot._meta.label_lower
MOST = 12  # ballots in one vote
LATE = timedelta(hours=40)  # an open vote may be over for so long without being resolved
COMMENTS = (
    "",
    "Signatures and checksums are good, built from source.",
    "Ran the tests on Linux and macOS.",
    "LICENSE and NOTICE look right. Thank you for driving this.",
)
AGREE = (Choice.FOR, Choice.FOR, Choice.ABSTAIN)
AGAINST = "The build fails from a clean checkout."
BODY = """\
Hello,

please vote on releasing {title}. The files, how to verify them, and what the checks found are on
the vote page.

{name}
"""
Choices = list[tuple[Someone, Choice]]


class Ballots:
    """Holds votes: calls them, has people vote, and resolves them with the outcome asked for."""

    def hold(self, story: Story, outcome: Outcome) -> None:
        """One vote on the newest revision. Afterwards it is as late as when it was resolved."""
        if outcome == Outcome.OPEN:
            hours = (story.home.hours or 72) * 60 * 60
            story.clock = (
                story.today
                - timedelta(seconds=story.dice.uniform(3600, hours))
                - (LATE * story.dice.random() if story.dice.random() < 0.2 else timedelta())
            )
        called, hours = story.clock, story.home.hours
        ends = called + timedelta(hours=hours) if hours else None
        story.votes += 1
        key = story.book.votes.key()
        acknowledged = story.judged.concerns if story.judged else []
        subject = f"[VOTE] Release {story.title}"
        body = BODY.format(title=story.title, name=story.manager.name)
        call = story.move(
            Tag.VOTE_CALLED,
            (Phase.COMPOSE, Phase.VOTE),
            story.mail(subject, body),
            vote=story.votes,
            revision=story.number,
            manifest=story.manifest,
            ends_at=ends.isoformat() if ends else None,
            acknowledged=acknowledged,
        )
        until = min(ends or called + timedelta(hours=50), story.today)
        casts = self._cast(story, key, call, self._choices(story, outcome), until)
        counted = self._resolve(story, outcome, call, ends, casts) if outcome else {}
        binding = counted["tally"]["binding"] if counted else {"for_it": 0, "against": 0}
        story.book.votes.put(
            key,
            *(story.key, story.votes, story.revision, story.manifest, story.manager.pk),
            *(called, ends, story.home.needed, subject, body, acknowledged, outcome),
            *((story.manager.pk, story.clock, counted) if outcome else (None, None, {})),
            *(binding["for_it"], binding["against"]),
        )

    def _choices(self, story: Story, outcome: Outcome) -> Choices:
        """Who votes what, so that the outcome can come of it."""
        dice, team = story.dice, story.team
        if story.turnout:
            crowd = [*team.members, *team.others]
            crowd = dice.sample(crowd, min(len(crowd), story.turnout))
            return [(each, dice.choice((*AGREE, Choice.AGAINST))) for each in crowd]
        binding = dice.sample(team.binding, min(len(team.binding), 3 + int(dice.expovariate(0.3))))
        known = {each.pk for each in team.binding}
        others = [each for each in (*team.others, *team.members) if each.pk not in known]
        others = dice.sample(others, min(len(others), dice.randrange(5)))
        if outcome == Outcome.PASSED:
            against = 1 if dice.random() < 0.04 and len(binding) > 3 else 0
            cut = len(binding) - against
            said: Choices = [(each, Choice.FOR) for each in binding[:cut]]
            said += [(each, Choice.AGAINST) for each in binding[cut:]]
        elif outcome == Outcome.FAILED:
            said = [(each, Choice.AGAINST) for each in binding[:3]]
        else:
            some = binding[: dice.randrange(len(binding) + 1)]
            said = [(each, dice.choice(AGREE)) for each in some]
        said += [(each, dice.choice(AGREE)) for each in others]
        return said[:MOST]

    def _cast(
        self, story: Story, vote: int, call: Act, choices: Choices, until: datetime
    ) -> list[tally.Cast]:
        """Write the ballots, in the order in which they were cast, and return them."""
        known = {each.pk for each in story.team.binding}
        called = story.clock
        span = (until - called) * 0.98
        times = sorted(called + span * story.dice.random() for _ in choices)
        story.dice.shuffle(choices)
        casts = []
        for at, (voter, choice) in zip(times, choices, strict=True):
            story.clock = at
            is_binding = voter.pk in known
            said = AGAINST if choice == Choice.AGAINST else story.dice.choice(COMMENTS)
            key = story.book.ballots.add(
                vote, voter.pk, choice, said, story.manifest, is_binding, at
            )
            casts.append(tally.Cast(voter.username, choice.value, at, key))
            kind = "binding" if is_binding else "non-binding"
            body = f"{choice.value} ({kind}) {voter.name} ({voter.username})\n\n{said}\n"
            copy_to = f"{voter.username}@{settings.MAIL_DOMAIN}"
            story.note(
                Tag.BALLOT_CAST,
                (BALLOT, key),
                by=voter.username,
                mail=story.mail(f"Re: [VOTE] Release {story.title}", body, call, copy_to),
                vote=story.votes,
                choice=choice.value,
                binding=is_binding,
                manifest=story.manifest,
            )
        story.clock = max(until, story.clock)
        return casts

    def _resolve(
        self,
        story: Story,
        outcome: Outcome,
        call: Act,
        ends: datetime | None,
        casts: Sequence[tally.Cast],
    ) -> dict[str, Any]:
        """Count, and say how it went. What was counted is what a vote that is closed keeps."""
        story.wait(story.dice.uniform(0.5, 20))
        binding = sorted(each.username for each in story.team.binding)
        rule = tally.Rule(story.home.needed, ends)
        result = tally.tally(casts, set(binding), rule, story.clock)
        if result.passes != (outcome == Outcome.PASSED) and outcome != Outcome.CANCELLED:
            raise ValueError(f"The vote on {story.title} cannot be {outcome.value}: {result}")
        word = outcome.value.upper()
        story.move(
            TAGS[outcome],
            (Phase.VOTE, Phase.FINISH if outcome == Outcome.PASSED else Phase.COMPOSE),
            story.mail(f"[RESULT] [VOTE] Release {story.title} {word}", f"{word}\n", call),
            vote=story.votes,
            manifest=story.manifest,
            tally=result.as_json() | {"missing": list(result.missing)},
        )
        return {
            "at": story.clock.isoformat(),
            "manifest": story.manifest,
            "rule": {
                "binding_needed": rule.binding_needed,
                "ends_at": ends.isoformat() if ends else None,
            },
            "binding_voters": binding,
            "ballots": [
                {"voter": c.voter, "choice": c.choice, "at": c.at.isoformat(), "order": c.order}
                for c in casts
            ],
            "tally": result.as_json(),
            "outcome": outcome.value,
        }
