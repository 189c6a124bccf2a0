"""Every row below a release knows whose rules hold for it."""

import pytest

from checks.models import Run
from releases.phases import Choice
from tests import make

pytestmark = pytest.mark.django_db


def test_all_parts_of_a_release_name_its_project_and_committee() -> None:
    publication = make.publication()
    release = publication.release
    vote = release.votes.get()
    ballot = vote.ballots.filter(choice=Choice.FOR).first()
    run = Run.objects.create(revision=release.voted)
    for part in (publication, release.voted, vote, ballot, run):
        assert part is not None
        assert part.release == release
        assert part.project == release.project
        assert part.committee == release.project.committee
