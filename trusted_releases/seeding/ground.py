"""What releases stand on: people, committees with their members and keys, projects."""

from collections import defaultdict
from datetime import datetime, timedelta
from random import Random

from django.conf import settings

from keys.models import KeyLink
from projects.models import Committee, Membership, Policy, Project, User
from projects.roles import Role
from trusted_releases.ledger.tags import Tag
from trusted_releases.seeding import names
from trusted_releases.seeding.book import Book
from trusted_releases.seeding.people import OPERATOR, Home, Someone, Team
from trusted_releases.seeding.scales import Scale
from trusted_releases.seeding.signers import Signers
from trusted_releases.seeding.writer import Table, settle

INCUBATOR = "incubator"
COMMITTEE, PROJECT = Committee._meta.label_lower, Project._meta.label_lower
AGE = timedelta(days=10 * 365)  # of the oldest committee
PASSWORD = "!seeded: nobody logs in with a password"  # noqa: S105 - "!" is what no hash begins with


class Ground:
    """Makes what is missing of people, committees and projects. Twice is as good as once."""

    def __init__(self, scale: Scale, seed: int, at: datetime, book: Book) -> None:
        self.scale, self.at, self.book = scale, at, book
        self.seed = seed
        self.dice = Random(f"{seed}:ground")  # noqa: S311 - made-up data

    def people(self) -> tuple[int, int]:
        """Accounts: how many were made, how many were there."""
        User.objects.get_or_create(
            username=OPERATOR,
            defaults={"password": PASSWORD, "is_staff": True, "is_superuser": True},
        )
        table = Table(
            User,
            *("password", "username", "full_name", "email", "is_committer"),
            *("is_foundation_member", "date_joined"),
        )
        known = set(User.objects.values_list("username", flat=True))
        wanted = [names.person(number) for number in range(self.scale.people)]
        missing = [name for name in wanted if names.account(name) not in known]
        for name in missing:
            account = names.account(name)
            joined = self.at - AGE * self.dice.random()
            mail = f"{account}@{settings.MAIL_DOMAIN}"
            roll = self.dice.random()
            table.add(PASSWORD, account, name, mail, roll < 0.97, roll < 0.25, joined)
        table.flush()
        settle([table])
        return len(missing), len(wanted) - len(missing)

    def committees(self) -> tuple[int, int]:
        """Committees and podlings, their members, their keys."""
        wanted = [*self._committees(), (names.LARGE, False)]
        known = dict(Committee.objects.values_list("slug", "pk"))
        missing = [each for each in wanted if names.slug(each[0]) not in known]
        table = Table(Committee, "slug", "name", "is_podling", "parent_id")
        keys: dict[str, int] = dict(known)
        for name, is_podling in missing:
            slug = names.slug(name)
            parent = keys[INCUBATOR] if is_podling else None
            keys[slug] = table.add(slug, name, is_podling, parent)
        table.flush()
        settle([table])
        people = self._everybody()
        staff = Table(Membership, "committee_id", "user_id", "role")
        signers = Signers()
        for name, is_podling in missing:
            slug = names.slug(name)
            self._found(slug, keys[slug], is_podling, people, staff, signers)
        staff.flush()
        signers.flush()
        settle([staff, *signers.tables])
        self.book.flush()
        return len(missing), len(wanted) - len(missing)

    def _committees(self) -> list[tuple[str, bool]]:
        """Each with whether it is a podling: the Incubator first, which they act under."""
        count = self.scale.committees - 1
        full = [(names.committee(number), False) for number in range(count)]
        young = [(names.committee(1800 - number), True) for number in range(self.scale.podlings)]
        return [(INCUBATOR.title(), False), *full, *young]

    def _everybody(self) -> list[Someone]:
        accounts = [names.account(names.person(number)) for number in range(self.scale.people)]
        rows = User.objects.filter(email__endswith=f"@{settings.MAIL_DOMAIN}")
        found = {
            username: Someone(pk, username, name)
            for pk, username, name in rows.values_list("pk", "username", "full_name")
        }
        return [found[account] for account in accounts]

    def _found(
        self,
        slug: str,
        key: int,
        is_podling: bool,
        people: list[Someone],
        staff: Table,
        signers: "Signers",
    ) -> None:
        """One committee: who is in it, whose keys sign, and the events that say so."""
        dice = Random(f"{self.seed}:{slug}:people")  # noqa: S311 - made-up data
        begun = self.at - AGE * (0.1 if is_podling else dice.uniform(0.92, 1.0))
        subject, places = (COMMITTEE, key), (slug, "", "")
        self.book.tell(begun, Tag.COMMITTEE_CREATED, subject, by=OPERATOR, places=places)
        size, signing = self._sizes(slug, len(people), dice)
        chosen = dice.sample(people, size)
        for place, person in enumerate(chosen):
            role = _role(place, size, slug == INCUBATOR)
            staff.add(key, person.pk, role)
            self.book.tell(
                begun + timedelta(hours=place + 1),
                Tag.MEMBER_ADDED,
                subject,
                by=OPERATOR,
                places=places,
                person=person.username,
                role=str(role),
            )
        added = [signers.link(key, person, begun, self.seed) for person in chosen[:signing]]
        self.book.tell(
            begun + timedelta(days=3),
            Tag.KEYS_IMPORTED,
            subject,
            by=chosen[0].username,
            places=places,
            refused_blocks=0,
            stored=sorted(added),
            linked=[],
            updated=[],
        )

    def _sizes(self, slug: str, people: int, dice: Random) -> tuple[int, int]:
        """How many are in a committee, and how many of them sign."""
        most = min(people, 40)
        if slug == INCUBATOR:
            return most, 2 + most // 4
        if slug == names.slug(names.LARGE):
            return min(people, self.scale.large.people), self.scale.large.keys
        size = min(most, 5 + int(dice.expovariate(1 / 7)))
        return size, 2 + size // 4

    def projects(self) -> tuple[int, int]:
        """Projects with their policies: one of each committee, more of the large ones."""
        teams = {team.slug: team for team in self.teams().values()}
        wanted = [*self._projects(), (names.LARGE, names.LARGE)]
        known = set(Project.objects.values_list("slug", flat=True))
        missing = [each for each in wanted if names.slug(each[0]) not in known]
        table = Table(
            Project,
            *("slug", "name", "committee_id", "status", "description", "homepage", "repository"),
            "created_at",
        )
        policies = Table(Policy, "project_id", "min_hours", "checklist", "source_paths")
        for name, owner in missing:
            self._project(name, teams[names.slug(owner)], table, policies)
        table.flush()
        policies.flush()
        settle([table, policies])
        self.book.flush()
        return len(missing), len(wanted) - len(missing)

    def _projects(self) -> list[tuple[str, str]]:
        """Each with the name of its committee."""
        owners = [name for name, _ in self._committees()][1:]
        large = owners[: max(1, len(owners) // 5)]
        wanted = [(name, name) for name in owners]
        for number in range(self.scale.projects - len(wanted)):
            owner, part = large[number % len(large)], names.PARTS[number // len(large)]
            wanted.append((f"{owner} {part}", owner))
        return wanted

    def _project(self, name: str, team: Team, table: Table, policies: Table) -> None:
        slug = names.slug(name)
        dice = Random(f"{self.seed}:{slug}:project")  # noqa: S311 - made-up data
        at = self.at - AGE * (0.09 if team.is_podling else 0.91)
        about = dice.choice(
            ("a store for", "a library that reads", "a toolkit for", "a service that routes")
        )
        what = dice.choice(("events", "columnar files", "time series", "graphs", "messages"))
        domain = f"{team.slug}.{settings.MAIL_DOMAIN}"
        key = table.add(
            *(slug, name, team.pk),
            Project.Status.DORMANT if dice.random() < 0.04 else Project.Status.ACTIVE,
            f"{name} is {about} {what}.",
            f"https://{domain}/",
            f"https://git.{settings.MAIL_DOMAIN}/{slug}.git",
            at,
        )
        hours = dice.choices((None, 96, 0), (90, 6, 4))[0]
        checklist = "- Build from source\n- Run the tests\n" if dice.random() < 0.3 else ""
        policies.add(key, hours, checklist, "*-src.*" if dice.random() < 0.2 else "")
        places = (team.slug, slug, "")
        self.book.tell(at, Tag.PROJECT_CREATED, (PROJECT, key), by=OPERATOR, places=places)

    def teams(self) -> dict[int, Team]:
        """Every committee with its people, by key."""
        columns = ("pk", "slug", "name", "is_podling", "parent_id")
        found = {row[0]: Team(*row) for row in Committee.objects.values_list(*columns)}
        people: dict[tuple[int, str], list[Someone]] = defaultdict(list)
        rows = Membership.objects.order_by("pk").values_list(
            *("committee_id", "role", "user_id", "user__username", "user__full_name")
        )
        for committee, role, *person in rows:
            people[committee, role].append(Someone(*person))
        linked = KeyLink.objects.exclude(certificate__owner=None).order_by("pk")
        for committee, person, fingerprint in linked.values_list(
            "committee_id", "certificate__owner_id", "certificate__fingerprint"
        ):
            found[committee].keys[person] = fingerprint
        for key, team in found.items():
            team.members = people[key, Role.MEMBER]
            team.managers = people[key, Role.RELEASE_MANAGER] or team.members
            team.others = people[key, Role.PARTICIPANT]
        for team in found.values():
            above = found[team.parent] if team.is_podling and team.parent else team
            team.binding = above.members
        return found

    def homes(self) -> list[Home]:
        """The projects of this scale, in the order in which they were made; the large one last."""
        teams = self.teams()
        wanted = [*(names.slug(name) for name, _ in self._projects()), names.slug(names.LARGE)]
        rows = Project.objects.filter(policy__isnull=False).values_list(
            *("slug", "pk", "name", "committee_id", "policy__min_hours", "policy__binding_needed")
        )
        found = {
            slug: Home(pk, slug, name, teams[team], 72 if hours is None else hours, needed or 3)
            for slug, pk, name, team, hours, needed in rows
        }
        return [found[slug] for slug in wanted]


def _role(place: int, size: int, all_members: bool) -> str:
    """At least four are members: a release needs three of them beside who calls the vote."""
    if all_members or place < 4 or place < size * 0.6:
        return Role.MEMBER
    return Role.RELEASE_MANAGER if place == size - 1 else Role.PARTICIPANT
