"""From the record of a commit to findings, by workers: fetched, compared, told when it fails."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from checks import sources, tasks
from checks.engine.source.git import Problem
from checks.engine.source.inventory import read
from checks.models import Result, Run
from releases.models import Release, Source
from releases.phases import Verdict
from tests import make
from tests.checks.engine import made
from tests.checks.engine.source import repos
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)

FILES = {"LICENSE": made.LICENSE, "NOTICE": made.NOTICE, "src/main.c": b"int main;\n"}
ARCHIVE = "apache-tool-1.0-src.tar.gz"


@pytest.fixture
def repository(tmp_path, settings):
    """The address of a repository that this machine may fetch from."""
    settings.SOURCE_SCHEMES = ["https", "file"]
    repos.repository(tmp_path / "tool.git", FILES)
    return f"file://{tmp_path}/tool.git"


def release_with(files) -> Release:
    archive = made.tar({f"apache-tool-1.0/{name}": content for name, content in files.items()})
    project = make.project("tool", committee=make.committee("tool"))
    release = make.release(project, version="1.0", files={ARCHIVE: archive})
    run_pending()
    return Release.objects.get(pk=release.pk)


def record(release, repository, **more):
    given = {"tag": "v1.0"} | more
    return release.record_source(by=make.member(release.project), repository=repository, **given)


def finished(release) -> Run:
    run_pending()
    release = Release.objects.get(pk=release.pk)
    return Run.objects.select_related("revision__release").get(revision=release.newest)


def compared(run):
    return run.findings.filter(rule="source.tree")


def codes(release):
    return [each.code for each in Release.objects.get(pk=release.pk).vote_obstacles()]


def test_a_recorded_commit_is_fetched_and_compared(repository):
    release = release_with(FILES)
    record(release, repository)
    run = finished(release)
    (found,) = compared(run)
    assert found.data["kind"] == "identical"
    source = Source.objects.get()
    assert (source.state, source.found) == ("fetched", found.data["commit"])
    assert not {"source_pending", "checks_outdated"} & set(codes(release))


def test_what_differs_stands_on_the_pages(repository):
    release = release_with({**FILES, "src/main.c": b"int evil;\n", "extra": b""})
    record(release, repository)
    run = finished(release)
    assert sorted(compared(run).exclude(member="").values_list("member", "level")) == [
        ("apache-tool-1.0/extra", "concern"),
        ("apache-tool-1.0/src/main.c", "concern"),
    ]
    assert "source.tree" in run.revision.concerns
    client = Client()
    client.force_login(make.member(release.project))
    draft = client.get(release.get_absolute_url()).content.decode()
    assert "differs" in draft
    report = reverse("checks:report", args=[*release.url_args, ARCHIVE])
    page = client.get(f"{report}?rule=source.tree").content.decode()
    assert "Its content is not that of the commit." in page
    assert "with other content 1, not in the commit 1" in page


def test_other_results_hold_when_the_source_comes_later(repository):
    release = release_with(FILES)
    before = set(finished(release).results.values_list("pk", flat=True))
    record(release, repository)
    after = finished(release)
    assert before < set(after.results.values_list("pk", flat=True))
    assert after.units_total == after.units_reused + 1


def test_another_revision_compares_with_what_was_fetched_before(repository, monkeypatch):
    release = release_with(FILES)
    record(release, repository)
    finished(release)
    monkeypatch.setattr(tasks, "fetch", None)  # nothing is fetched again
    release.add_files({"notes.txt": make.blob("x")}, by=make.member(release.project))
    run = finished(release)
    assert [each.data["kind"] for each in compared(run)] == ["identical"]
    assert run.revision.number == 2


def test_what_cannot_be_fetched_is_a_failed_check_that_says_what_to_do(repository):
    release = release_with(FILES)
    record(release, repository, tag="v9")
    run = finished(release)
    assert run.revision.verdict == Verdict.FAILED
    (fault,) = run.errors()
    assert fault.rules == ["source.tree"]
    assert "has no tag v9. Push it, or record the one that is meant." in fault.error
    assert "source_pending" not in codes(release)
    client = Client()
    client.force_login(make.member(release.project))
    page = client.get(reverse("checks:findings", args=release.url_args)).content.decode()
    assert "The source could not be fetched" in page
    assert reverse("releases:source", args=release.url_args) in page


def test_once_it_is_corrected_the_failure_is_gone(repository):
    release = release_with(FILES)
    record(release, repository, tag="v9")
    finished(release)
    record(Release.objects.get(pk=release.pk), repository)
    run = finished(release)
    assert list(run.errors()) == []
    assert compared(run).count() == 1


def test_once_it_is_taken_away_nothing_is_compared(repository):
    release = release_with(FILES)
    record(release, repository, tag="v9")
    finished(release)
    Release.objects.get(pk=release.pk).forget_source(by=make.member(release.project))
    run = finished(release)
    assert list(run.errors()) == []
    assert not compared(run).exists()


def test_the_next_revision_tries_again(repository, tmp_path):
    release = release_with(FILES)
    record(release, repository, tag="v9")
    finished(release)
    repos.git(tmp_path / "tool.git", "tag", "v9")
    release = Release.objects.get(pk=release.pk)
    release.add_files({"notes.txt": make.blob("x")}, by=make.member(release.project))
    run = finished(release)
    assert [each.data["kind"] for each in compared(run)] == ["identical"]
    assert Source.objects.get().asked == 2


def test_a_host_that_is_down_is_tried_again_before_it_has_failed(repository, monkeypatch):
    tries = []

    def down(source):
        tries.append(source.pk)
        raise Problem("The repository could not be reached.", again=True)

    monkeypatch.setattr(tasks, "fetch", down)
    release = release_with(FILES)
    record(release, repository)
    for _ in range(tasks.FETCHES):
        run_pending()
        Job.objects.filter(name="checks.fetch_source").update(due_at=now())
    run_pending()
    assert len(tries) == tasks.FETCHES
    assert Source.objects.get().state == "failed"


def test_a_fetch_that_nobody_waits_for_does_nothing(repository):
    release = release_with(FILES)
    source = record(release, repository)
    event = Job.objects.get(name="checks.fetch_source").args["event"]
    run_pending()
    fetched_at = Source.objects.get().fetched_at
    from trusted_releases.ledger.jobs import enqueue

    enqueue("checks.fetch_source", event=event)
    enqueue("checks.fetch_source_anew", source=source.pk)
    run_pending()
    assert Source.objects.get().fetched_at == fetched_at


def test_recorded_anew_while_it_is_fetched_the_later_one_counts(repository, monkeypatch):
    release = release_with(FILES)
    record(release, repository, tag="v9")
    real, once = tasks.fetch, []

    def overtaken(source):
        if not once:
            once.append(1)
            record(Release.objects.get(pk=release.pk), repository)
        return real(source)

    monkeypatch.setattr(tasks, "fetch", overtaken)
    run = finished(release)
    assert Source.objects.get().tag == "v1.0"
    assert [each.data["kind"] for each in compared(run)] == ["identical"]


def test_the_inventory_is_kept_as_a_blob_and_nothing_else_is_left(repository, settings):
    release = release_with(FILES)
    record(release, repository)
    finished(release)
    inventory = Source.objects.get().inventory
    with inventory.local_file() as location:
        assert sorted(read(location, inventory.sha256).files) == sorted(FILES)
    assert not list(Path(settings.SCRATCH_DIR).glob("source-*"))


def test_without_a_source_there_is_nothing_to_say(repository):
    release = release_with(FILES)
    assert sources.source_of(release) is None
    assert sources.fault_of(release) is None
    assert not Result.objects.filter(rules__icontains="source.tree").exists()


def test_the_same_comparison_on_ones_own_machine(repository, tmp_path, capsys):
    folder = tmp_path / "files"
    made.file(folder, ARCHIVE, made.tar({f"t/{name}": each for name, each in FILES.items()}))
    options = ["check_files", str(folder), "--in-process", "--source", str(tmp_path / "tool.git")]
    with pytest.raises(SystemExit):  # it has no signature
        call_command(*options)
    assert "It holds exactly the files of the commit: 3." in capsys.readouterr().out
    with pytest.raises(CommandError, match="Git cannot read v9"):
        call_command(*options, "--commit", "v9")
