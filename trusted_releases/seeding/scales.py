"""How much of everything."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Large:
    """The one committee that has the most of everything, as a foundation's largest has it."""

    people: int
    keys: int
    releases: int  # finished ones, of its one project
    files: int  # of its draft, in each of two revisions
    findings: int  # about the one source archive of its candidate
    ballots: int  # in the vote on that candidate


@dataclass(frozen=True, slots=True)
class Scale:
    """The size of a foundation. Of the releases, the unfinished ones are the newest."""

    committees: int
    podlings: int  # beside the committees
    people: int
    projects: int  # committees and podlings have one each; the rest goes to the large ones
    releases: int
    composing: int
    voting: int
    finishing: int
    findings: int  # about so many for each source archive
    with_jobs: int  # of how many of the newest releases the jobs are still there
    large: Large  # beside all of that

    @property
    def unfinished(self) -> int:
        """How many of the newest releases are on their way; the two large ones come on top."""
        return self.composing + self.voting + self.finishing

    @property
    def all_releases(self) -> int:
        return self.releases + self.large.releases + 2


SCALES = {
    "tiny": Scale(5, 1, 40, 9, 70, 6, 4, 3, 8, 100, Large(14, 10, 12, 30, 120, 13)),
    "small": Scale(60, 6, 300, 90, 1_000, 24, 16, 8, 26, 500, Large(120, 100, 60, 600, 2_000, 40)),
    "asf": Scale(
        *(940, 60, 3_500, 1_500, 20_000, 260, 120, 60, 26, 9_000),
        Large(500, 500, 300, 5_000, 10_000, 200),
    ),
}
