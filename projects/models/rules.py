"""What holds at a place: each rule as the nearest place says it, and which place that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from projects.models.people import Committee
from projects.models.policy import Policy
from projects.models.recipients import Recipients, lines_of
from projects.phases import LicenseMode, VoteMode
from projects.roles import Person

if TYPE_CHECKING:
    from projects.models.project import Project

T = TypeVar("T")

# What holds where nobody says anything: the vote policy that this platform implements.
DEFAULTS: dict[str, Any] = {
    "vote_mode": VoteMode.TRUSTED,
    "min_hours": None,
    "binding_needed": 3,
    "pause_on_minus_one": True,
    "license_mode": LicenseMode.LIGHTWEIGHT,
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule comes from: a policy, or the platform itself."""

    policy: Policy | None

    def __str__(self) -> str:
        if self.policy is None:
            return "default"
        place = self.policy.place
        if place is None:
            return "from the foundation"
        kind = place._meta.verbose_name
        return f"from the {kind} {place}"


class _Said(Generic[T]):
    """A rule as it holds: an attribute of `Rules`, of the policy's name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, rules: "Rules", owner: type | None = None) -> T:
        value: T = rules.value_of(self.name)
        return value


class Rules:
    """What holds at one place. To change it is to change the policy of that very place."""

    vote_mode = _Said[str]()
    min_hours = _Said[int | None]()
    pause_on_minus_one = _Said[bool]()
    checklist = _Said[str]()
    vote_recipients = _Said[str]()
    vote_cc = _Said[str]()
    vote_bcc = _Said[str]()
    announce_recipients = _Said[str]()
    announce_cc = _Said[str]()
    announce_bcc = _Said[str]()
    vote_comment = _Said[str]()
    vote_subject = _Said[str]()
    vote_body = _Said[str]()
    result_body = _Said[str]()
    announce_subject = _Said[str]()
    announce_body = _Said[str]()
    source_paths = _Said[str]()
    binary_paths = _Said[str]()
    license_mode = _Said[str]()
    header_excludes = _Said[str]()
    rat_excludes = _Said[str]()
    generated_paths = _Said[str]()

    def __init__(self, own: Policy, layers: Sequence[Policy], committee: Committee | None) -> None:
        """`own` is the policy of the place itself, which may not be kept yet."""
        self.own = own
        self.layers = [own, *(each for each in layers if each.pk != own.pk or own.pk is None)]
        self.committee = committee

    def origin(self, name: str) -> Origin:
        """Which place says this; of votes needed, the foundation's are the least."""
        saying = [each for each in self.layers if each.says(name)]
        if name == "binding_needed" and saying:
            return Origin(max(saying[:1] + saying[-1:], key=_needed_at_least))
        return Origin(saying[0] if saying else None)

    def value_of(self, name: str) -> Any:
        policy = self.origin(name).policy
        return DEFAULTS.get(name, "") if policy is None else getattr(policy, name)

    def inherited(self, name: str) -> Any:
        """What would hold if this place itself said nothing."""
        return Rules(Policy(), self.layers[1:], self.committee).value_of(name)

    def is_own(self, name: str) -> bool:
        return self.origin(name).policy is self.own

    def change(self, *, by: Person, seen: int | None = None, **values: Any) -> None:
        """Change what this place itself says."""
        self.own.change(by=by, seen=seen, **values)

    @property
    def binding_needed(self) -> int:
        return int(self.value_of("binding_needed"))

    @property
    def hours(self) -> int:
        """Hours that a vote must run; 0 when it ends as soon as the rule is met."""
        return Policy.DEFAULT_HOURS if self.min_hours is None else self.min_hours

    @property
    def default_list(self) -> tuple[str, ...]:
        return (self.committee.dev_list,) if self.committee else ()

    @property
    def vote_mail(self) -> Recipients:
        """To whom the mails of a vote go, unless whoever calls it chooses among those it may."""
        to = lines_of(self.vote_recipients) or self.default_list
        return Recipients(to, lines_of(self.vote_cc), lines_of(self.vote_bcc)).once()

    @property
    def announce_mail(self) -> Recipients:
        """To whom an announcement goes."""
        to = lines_of(self.announce_recipients) or self.default_list
        return Recipients(to, lines_of(self.announce_cc), lines_of(self.announce_bcc)).once()

    @property
    def vote_to(self) -> tuple[str, ...]:
        return self.vote_mail.to

    @property
    def announce_to(self) -> tuple[str, ...]:
        return self.announce_mail.to

    @property
    def vote_lists(self) -> tuple[str, ...]:
        """Where a vote may be called: what the policy names, and lists of the committee.

        The first vote of a podling is never on its private list (Incubator policy).
        """
        ours: tuple[str, ...] = self.default_list
        if self.committee and not self.committee.is_podling:
            ours = (*ours, self.committee.private_list)
        return tuple(dict.fromkeys((*self.vote_mail.everybody, *ours)))

    @property
    def check_terms(self) -> dict[str, Any]:
        """What the checks judge by, under the names that the check engine has for it."""
        terms = {
            "source_paths": lines_of(self.source_paths),
            "binary_paths": lines_of(self.binary_paths),
            "license_mode": str(self.license_mode),
            "header_excludes": lines_of(self.header_excludes),
            "rat_excludes": lines_of(self.rat_excludes),
        }
        # Where it is empty, verdicts hold that were made before there was such a thing.
        if generated := lines_of(self.generated_paths):
            terms["generated_paths"] = generated
        return terms


def _needed_at_least(policy: Policy) -> tuple[int, bool]:
    """Fewer than the foundation asks for is nobody's to say."""
    return policy.binding_needed or 0, not policy.is_foundation


def rules_of(project: "Project", release: Any = None) -> Rules:
    """What holds in a project, or for one of its releases."""
    key = release.pk if release is not None else None
    layers = Policy.objects.layers(project.committee_id, project.pk, key)
    for layer in layers:  # the rows at hand, rather than others with the same key
        _give(layer, project, release)
    own = Policy(release=release) if release is not None else Policy(project=project)
    if layers and layers[0].distance == own.distance:
        own = layers[0]
    return Rules(own, layers, project.committee)


def rules_of_committee(committee: Committee) -> Rules:
    layers = Policy.objects.layers(committee.pk, None, None)
    own = next((each for each in layers if each.committee_id), Policy(committee=committee))
    own.committee = committee
    return Rules(own, layers, committee)


def rules_of_foundation() -> Rules:
    own = Policy.objects.filter(is_foundation=True).first() or Policy(is_foundation=True)
    return Rules(own, [own], None)


def _give(layer: Policy, project: "Project", release: Any) -> None:
    if layer.release_id is not None:
        layer.release = release
    elif layer.project_id is not None:
        layer.project = project
    elif layer.committee_id is not None:
        layer.committee = project.committee
