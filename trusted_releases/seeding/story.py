"""What all parts of a release's life share: who, where, and how late it is."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from projects.models import Cycle
from releases.phases import Phase
from trusted_releases.ledger.models import Job
from trusted_releases.seeding.book import RELEASE, Act, Book, Mail
from trusted_releases.seeding.findings import Judgement
from trusted_releases.seeding.people import Home, Someone
from trusted_releases.seeding.plan import Planned
from trusted_releases.seeding.writer import Table

# How many days ago an unfinished release began: long enough for all that it has been through.
AGES = {Phase.COMPOSE: (8, 28), Phase.VOTE: (13, 16), Phase.FINISH: (16, 24)}


class Cycles:
    """The maintained lines of projects, made when a version is the first of its line."""

    def __init__(self) -> None:
        self.table = Table(Cycle, "project_id", "name", "started_at")
        rows = Cycle.objects.values_list("project_id", "name", "pk")
        self.known = {(project, name): pk for project, name, pk in rows}

    def of(self, home: Home, version: str, at: datetime) -> int:
        name = f"{version.partition('.')[0]}.x"
        key = self.known.get((home.pk, name))
        if key is None:
            key = self.known[home.pk, name] = self.table.add(home.pk, name, at)
        return key


class Story:
    """One release. `clock` is how far in time the telling has come; what is noted happens then."""

    def __init__(self, book: Book, planned: Planned, seed: int, today: datetime) -> None:
        self.book, self.planned, self.today = book, planned, today
        self.home, self.team = planned.home, planned.home.team
        self.dice = Random(f"{seed}:{self.home.slug}:{planned.version}")  # noqa: S311 - made up
        self.key = book.releases.key()
        self.manager: Someone = self.dice.choice(self.team.managers)
        self.clock = planned.start
        if planned.phase != Phase.RELEASED:
            self.clock = today - timedelta(days=self.dice.uniform(*AGES[planned.phase]))
        self.begun = self.clock
        self.number = self.votes = 0  # the last of its revisions, and of its votes
        self.revision = 0  # the key of the newest revision
        self.manifest = ""
        self.judged: Judgement | None = None
        self.turnout = planned.large.ballots if planned.large else 0  # 0: as many as usual

    @property
    def title(self) -> str:
        return f"{self.home.name} {self.planned.version}"

    def wait(self, hours: float) -> None:
        self.clock += timedelta(hours=hours)

    def note(
        self,
        tag: str,
        subject: tuple[str, int] | None = None,
        *,
        by: str | None = None,
        mail: Mail | None = None,
        outcome: str = Job.State.DONE,
        **facts: Any,
    ) -> Act:
        """An event of now, about the release itself unless said otherwise, by its manager."""
        return self.book.tell(
            self.clock,
            tag,
            subject or (RELEASE, self.key),
            by=self.manager.username if by is None else by,
            places=(self.team.slug, self.home.slug, str(self.key)),
            mail=mail,
            outcome=outcome,
            **facts,
        )

    def move(
        self, tag: str, step: tuple[Phase, Phase], mail: Mail | None = None, **facts: Any
    ) -> Act:
        """The event of a change of phase."""
        way: dict[str, Any] = {"from": step[0].value, "to": step[1].value}
        return self.note(tag, mail=mail, **way, **facts)

    def mail(self, subject: str, body: str, answers: Act | None = None, copy_to: str = "") -> Mail:
        """A mail of the manager to the list."""
        to = (self.team.dev_list, *([copy_to] if copy_to else ()))
        return Mail(subject, body, self.manager.name, to, answers)
