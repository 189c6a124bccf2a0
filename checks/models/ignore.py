"""What a committee has looked at and will not act on: which findings, why, and for how long."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from checks import globs
from checks.engine.model import Level
from checks.models.drafts import drafts_of, newest_run, results_of
from checks.models.results import LEVELS, Finding, Result
from checks.models.runs import Run
from projects.lifecycle import authorise, require, verb
from projects.models import Committee, Project
from projects.roles import Person
from releases.models import Release
from releases.phases import Phase, Verdict
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Obstacle, Stale
from trusted_releases.lib.text import is_plain

IGNORABLE = (Level.CONCERN, Level.SUGGESTION)  # never a blocker; a note asks nothing of anybody
PATTERNS = ("rule", "path", "member", "message")
LONGEST_REASON = 1000
BATCH = 1_000
MAY = "checks.set_ignores"

Fits = Callable[[Finding], bool]


class IgnoreQuerySet(models.QuerySet):
    def in_force(self, at: datetime | None = None) -> Self:
        """Those that hold at this moment."""
        at = at or now()
        begun = self.filter(set_at__lte=at).exclude(lifted_at__lte=at)
        return begun.exclude(ends_at__lte=at)

    def with_people(self) -> Self:
        return self.select_related("project", "set_by", "lifted_by")


class IgnoreManager(models.Manager.from_queryset(IgnoreQuerySet)):  # type: ignore[misc]
    def of(self, release: Release, at: datetime | None = None) -> list["Ignore"]:
        """Those that hold for this release, at this moment."""
        rows = self.filter(project=release.project_id).in_force(at).with_people()
        return [each for each in rows.order_by("pk") if each.covers(release)]

    def of_run(self, run: Run) -> list["Ignore"]:
        """Those that count for a run: today's, or for files at a vote those of the day when it was
        called, for people voted on what they saw."""
        revision, release = run.revision, run.revision.release
        vote = None
        if release.phase != Phase.COMPOSE or revision.number != release.last_revision:
            vote = release.votes.filter(revision=revision).order_by("-number").first()
        ignores = self.of(release, vote.called_at if vote else None)
        return [each for each in ignores if each.revision in (None, revision.number)]

    def hide(self, release: Release, results: Iterable[Result]) -> None:
        """Note which findings of these results the ignores of a release fit. Twice is as good as
        once."""
        if ignores := self.of(release):
            keys = [each.pk for each in results]
            for start in range(0, len(keys), BATCH):
                found = Finding.objects.filter(result__in=keys[start : start + BATCH])
                for ignore in ignores:
                    ignore.take(found)

    def judge(self, run: Run, basis: str) -> None:
        """Record the verdict of a run, counted without what is ignored."""
        ignores = self.of_run(run)
        until = min((each.ends_at for each in ignores if each.ends_at), default=None)
        run.judge(basis, self.hidden_by(ignores), until)

    def hidden_by(self, ignores: Iterable["Ignore"]) -> Q:
        """Picks the findings that these ignores hide."""
        keys = [each.pk for each in ignores]
        if not keys:
            return Q(pk__in=[])
        through = Ignore.findings.through._default_manager.filter(ignore__in=keys)
        return Q(pk__in=through.values("finding"), level__in=IGNORABLE)

    def judge_drafts(self, project: Project) -> None:
        """Count anew in each draft that has a verdict. What was found stays as it was found."""
        for release in drafts_of(project):
            with release.held():
                run = newest_run(release)
                if run is not None and run.revision.verdict != Verdict.PENDING:
                    self.judge(run, run.revision.basis)


class Ignore(models.Model):
    """Findings that nobody has to read again, with the reason.

    They are not counted among concerns and suggestions, but among the ignored, with the name of
    who decided it. A blocker is never ignored. An ignore does not change: whoever wants it
    otherwise lifts it and sets another. What was voted on keeps those of its day.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="ignores", editable=False)
    # Each is a pattern as `checks.globs` has them; all must fit, and an empty one fits everything.
    rule = models.CharField(max_length=globs.LONGEST, blank=True, editable=False)
    path = models.CharField(max_length=globs.LONGEST, blank=True, editable=False)
    member = models.CharField(max_length=globs.LONGEST, blank=True, editable=False)
    message = models.CharField(max_length=globs.LONGEST, blank=True, editable=False)
    level = models.CharField(max_length=12, choices=LEVELS, blank=True, editable=False)
    releases = models.CharField(max_length=globs.LONGEST, blank=True, editable=False)
    # Of the releases that it covers, the revision of this number only. Programs can say so.
    revision = models.PositiveIntegerField(null=True, editable=False)
    reason = models.TextField(editable=False)
    ends_at = models.DateTimeField(null=True, editable=False)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )
    set_at = models.DateTimeField(default=now, editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, editable=False)
    findings = models.ManyToManyField(Finding, related_name="ignores", editable=False)

    objects = IgnoreManager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="checks_ignore_lifted_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"Ignore {self.pk or '(new)'} of {self.project}"

    @property
    def committee(self) -> Committee:
        return self.project.committee

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds, in UTC."""
        return (
            (self.ends_at - timedelta(seconds=1)).astimezone(UTC).date() if self.ends_at else None
        )

    @property
    def in_force(self) -> bool:
        return self.lifted_at is None and (self.ends_at is None or self.ends_at > now())

    @property
    def scope(self) -> list[tuple[str, str]]:
        """What it names, in the words of its form."""
        names = {"rule": "Rule", "path": "File", "member": "Member", "message": "Sentence"}
        names |= {"level": "Level", "releases": "Releases", "revision": "Revision"}
        told = [(label, getattr(self, name)) for name, label in names.items()]
        return [(label, str(value)) for label, value in told if value]

    def covers(self, release: Release) -> bool:
        """Whether it holds for this release, named as in `tool-1.0`."""
        return globs.fits(self.releases, f"{release.project.slug}-{release.version}")

    def fits(self, finding: Finding) -> bool:
        """Whether it hides this finding, if that can be hidden."""
        return self.names(finding) and finding.level in IGNORABLE

    def names(self, finding: Finding) -> bool:
        """Whether all it says is true of this finding, whatever the finding's level."""
        if self.level not in ("", finding.level):
            return False
        return all(globs.fits(getattr(self, name), getattr(finding, name)) for name in PATTERNS)

    def take(self, findings: models.QuerySet[Finding]) -> int:
        """Note those of the findings that it fits; how many there are."""
        through, count = type(self).findings.through, 0
        rows: list[Any] = []
        for finding in matched(findings, self.fits):
            rows.append(through(ignore_id=self.pk, finding_id=finding.pk))
            count += 1
            if len(rows) == BATCH:
                through._default_manager.bulk_create(rows, ignore_conflicts=True)
                rows = []
        through._default_manager.bulk_create(rows, ignore_conflicts=True)
        return count

    def require_usable(self) -> None:
        """Raises BadInput with a sentence for what cannot be an ignore."""
        texts = [getattr(self, name) for name in (*PATTERNS, "releases", "reason")]
        if not all(is_plain(text) for text in texts):
            raise BadInput("Control characters are not allowed.")
        for name in (*PATTERNS, "releases"):
            if problem := globs.problem_with(getattr(self, name)):
                raise BadInput(problem)
        if not any(getattr(self, name) for name in PATTERNS):
            raise BadInput(
                "Name a rule, a file, a member or a sentence: an ignore that names nothing would "
                "hide everything."
            )
        if self.level not in ("", *IGNORABLE):
            raise BadInput(f"Only concerns and suggestions can be ignored, no {self.level[:20]}s.")
        if not self.reason.strip() or len(self.reason) > LONGEST_REASON:
            raise BadInput(f"An ignore needs a reason, of {LONGEST_REASON} characters at most.")
        if self.ends_at is not None and self.ends_at <= now():
            raise BadInput("The last day has passed already.")

    def obstacles(self, seen: int | None) -> Iterator[Obstacle]:
        """What stands in the way of setting it; `seen` is how many findings the person saw it
        hide."""
        count = self.would_hide()
        if seen is not None and seen != count:
            yield Obstacle(
                "other_findings",
                f"It hides {count} finding{'s' * (count != 1)} by now, and you have seen {seen}. "
                "Look again at what it hides.",
            )

    def would_hide(self) -> int:
        """How many findings of the drafts as they are now it fits."""
        return sum(1 for run in self.runs() for _ in matched(run.findings, self.fits))

    def runs(self) -> list[Run]:
        """The newest runs of the drafts that it is about."""
        drafts = [release for release in drafts_of(self.project) if self.covers(release)]
        runs = [run for release in drafts if (run := newest_run(release)) is not None]
        return [run for run in runs if self.revision in (None, run.revision.number)]

    @verb
    def set(self, *, by: Person, seen: int | None = None) -> Self:
        """Ignore what it names, from now on. Drafts are counted anew at once.

        `seen` is how many findings the preview showed.
        """
        by = authorise(by, MAY, self.project)
        self.require_usable()
        if not self._state.adding:
            raise Stale(f"{self} has been set already. To change it, lift it and set another.")
        # The project's row is the lock of its ignores; then each draft, before it is counted.
        Project._base_manager.select_for_update(no_key=True).get(pk=self.project_id)
        require(self.obstacles(seen))
        self.set_by, self.set_at = by, now()
        self.save()
        for release in drafts_of(self.project):
            if self.covers(release):
                with release.held():
                    self.take(Finding.objects.filter(result__in=results_of(release)))
        type(self).objects.judge_drafts(self.project)
        self._record(Tag.IGNORE_SET, by, hides=self.would_hide(), reason=self.reason)
        return self

    @verb
    def lift(self, *, by: Person) -> None:
        """End it: what it hid counts again, in drafts. Votes that were called keep it."""
        by = authorise(by, MAY, self.project)
        Project._base_manager.select_for_update(no_key=True).get(pk=self.project_id)
        self.refresh_from_db()
        if self.lifted_at is not None:
            raise Stale(f"{self} was lifted by {self.lifted_by} already.")
        self.lifted_by, self.lifted_at = by, now()
        self.save(update_fields=["lifted_by", "lifted_at"])
        type(self).objects.judge_drafts(self.project)
        self._record(Tag.IGNORE_LIFTED, by)

    def _record(self, tag: str, by: Person, **facts: object) -> None:
        told = {label.lower(): value for label, value in self.scope}
        Event.objects.record(tag, by=by, subject=self, project=self.project, names=told, **facts)


def matched(findings: models.QuerySet[Finding], fits: Fits) -> Iterator[Finding]:
    """Those that fit; the others leave no trace in memory."""
    columns = ("pk", "level", *PATTERNS)
    rows = findings.filter(level__in=IGNORABLE).only(*columns).order_by("pk")
    return (each for each in rows.iterator(chunk_size=BATCH) if fits(each))


def ends_after(day: date | None) -> datetime | None:
    """The moment at which a day is over, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC) if day else None
