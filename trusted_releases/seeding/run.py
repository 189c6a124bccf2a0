"""Making all of it, portion by portion: each is there whole or not at all."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from projects.models import Membership, User
from projects.roles import Role
from releases.models import Release
from trusted_releases import demo
from trusted_releases.seeding.book import Book
from trusted_releases.seeding.ground import Ground
from trusted_releases.seeding.lives import Pen
from trusted_releases.seeding.plan import Planned, plan
from trusted_releases.seeding.scales import Scale

PORTION = 500  # releases written in one transaction
DEMO_TEAMS = 3  # committees that the demo's members are in

Say = Callable[[str], None]


def run(scale: Scale, seed: int, at: datetime, say: Say) -> Book:
    """Make what is missing of this scale. Nothing else may write to the database meanwhile."""
    with _roomy():
        book = Book()
        ground = Ground(scale, seed, at, book)
        for name in ("people", "committees", "projects"):
            begun = time.monotonic()
            with transaction.atomic():
                made, known = getattr(ground, name)()
            say(f"{name}: {made:,} made, {known:,} were there ({time.monotonic() - begun:.1f} s)")
        if settings.DEMO:
            _join(demo.people(), ground)
        _releases(ground, book, seed, say)
    return book


def _releases(ground: Ground, book: Book, seed: int, say: Say) -> None:
    scale = ground.scale
    planned = plan(ground.homes(), scale, seed, ground.at)
    known = set(Release.objects.values_list("project_id", "version"))
    missing = [each for each in planned if (each.home.pk, each.version) not in known]
    if len(missing) < len(planned):
        say(f"releases: {len(planned) - len(missing):,} of {len(planned):,} were there")
    if missing:
        newest = planned[-min(scale.with_jobs, len(planned))]
        book.jobs_since = newest.start
    pen = Pen(book, scale.findings, ground.at)
    begun = time.monotonic()
    for first in range(0, len(missing), PORTION):
        _portion(missing[first : first + PORTION], pen, seed)
        done = min(first + PORTION, len(missing))
        say(
            f"releases: {done:,} of {len(missing):,} made, with {book.events.written:,} events "
            f"and {book.findings.written:,} findings ({time.monotonic() - begun:.0f} s)"
        )


def _portion(planned: list[Planned], pen: Pen, seed: int) -> None:
    with transaction.atomic():
        for each in planned:
            pen.write(each, seed)
        pen.flush()


def _join(people: dict[str, User], ground: Ground) -> None:
    """Put the demo's people into the first committees, so that something waits for them."""
    teams = list(dict.fromkeys(home.team.pk for home in ground.homes()))[:DEMO_TEAMS]
    for account in demo.ACCOUNTS:
        for team in teams if account.role == Role.MEMBER else ():
            Membership.objects.get_or_create(
                committee_id=team, user=people[account.username], role=account.role
            )


@contextmanager
def _roomy() -> Iterator[None]:
    """SQLite keeps 2 MB of pages by default; indexes of millions of rows want more."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        before = cursor.fetchone()[0]
        cursor.execute("PRAGMA cache_size = -400000")
        yield
        cursor.execute(f"PRAGMA cache_size = {before}")
