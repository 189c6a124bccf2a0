"""Votes by mail: the thread comes from an archive, is counted, and decides."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from projects.models import VoteMode
from releases import mail, recount
from releases.letter_text import RULES
from releases.models import KeptMail, Reading, Vote
from releases.phases import Choice, Outcome
from releases.threads import Problem, begin_due_readings, read_thread
from tests import make
from tests.releases.archive import answer, put, read, served, vote_by_mail
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run as run_job
from trusted_releases.lib.errors import BadInput, NotReady
from trusted_releases.lib.mail import message_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(tmp_path, settings):
    with served(tmp_path / "mails", settings):
        yield tmp_path / "mails"


def run_jobs(name: str) -> None:
    for waiting in Job.objects.filter(name=name, state=Job.State.QUEUED):
        run_job(waiting.pk)


def members(vote, count=3):
    return [make.member(vote.project) for _ in range(count)]


def address(person) -> str:
    return f"{person.username} <{person.email}>"


def test_three_members_who_answer_the_list_pass_a_vote(archive) -> None:
    vote = vote_by_mail()
    put(archive, vote, *(answer(vote, address(each)) for each in members(vote)))
    read(vote)
    assert vote.tally().binding.for_it == 3
    closed = vote.release.resolve_vote(Outcome.PASSED, by=make.member(vote.project))
    assert (closed.binding_for, closed.binding_against) == (3, 0)
    assert len(closed.counted["mail"]["entries"]) == 4  # with the call, which offers the choices
    assert closed.counted["ballots"] == []


def test_strangers_and_names_of_members_pass_nothing(archive) -> None:
    vote = vote_by_mail()
    liars = (answer(vote, f"{each.username} <x{each.pk}@evil.net>") for each in members(vote))
    put(archive, vote, *liars)
    read(vote)
    counted = vote.tally()
    assert (counted.binding.for_it, counted.other.for_it) == (0, 3)
    with pytest.raises(NotReady, match="3 more binding"):
        vote.release.resolve_vote(Outcome.PASSED, by=make.member(vote.project))


def test_a_ballot_and_a_mail_of_one_voter_are_one_vote_and_the_later_counts(archive) -> None:
    vote = vote_by_mail()
    voter = make.member(vote.project)
    put(archive, vote, answer(vote, address(voter), "-1\n"))
    read(vote)
    assert vote.tally().binding.against == 1
    vote.cast(Choice.FOR, by=voter, manifest_digest=vote.manifest_digest)
    counted = vote.tally()
    assert (counted.binding.for_it, counted.binding.against) == (1, 0)


def test_who_answers_the_list_may_be_somebody_without_a_role_by_then(archive) -> None:
    vote = vote_by_mail()
    voters = members(vote)
    put(archive, vote, *(answer(vote, address(each)) for each in voters))
    read(vote)
    voters[0].memberships.all().delete()
    assert vote.tally().binding.for_it == 2


def test_nobody_closes_a_vote_by_mail_whose_mails_were_not_read(archive) -> None:
    vote = vote_by_mail()
    by = make.member(vote.project)
    with pytest.raises(NotReady, match="has not been read yet"):
        vote.release.resolve_vote(Outcome.FAILED, by=by)
    vote.release.resolve_vote(Outcome.CANCELLED, by=by)


def test_a_thread_that_was_read_before_the_end_is_read_again(archive) -> None:
    vote = vote_by_mail(hours=72)
    put(archive, vote)
    read(vote)
    Vote.objects.filter(pk=vote.pk).update(ends_at=now())
    vote.refresh_from_db()
    assert "read_too_early" in {each.code for each in vote.resolve_obstacles(Outcome.FAILED)}
    read(vote)
    assert "read_too_early" not in {each.code for each in vote.resolve_obstacles(Outcome.FAILED)}


def test_a_worker_reads_what_a_manager_asks_for_and_the_log_tells_it(archive, settings) -> None:
    vote = vote_by_mail()
    put(archive, vote, answer(vote, address(make.member(vote.project))))
    reading = vote.read_thread(by=make.member(vote.project))
    with pytest.raises(NotReady, match="being read already"):
        vote.read_thread(by=make.member(vote.project))
    run_jobs("releases.read_thread")
    reading.refresh_from_db()
    assert reading.state == Reading.State.DONE
    assert Event.objects.get(tag=Tag.THREAD_READ).facts == {"vote": 1, "mails": 2, "votes": 1}


def test_what_cannot_be_read_is_a_sentence(archive, settings) -> None:
    vote = vote_by_mail()
    reading = vote.begin_reading()
    with pytest.raises(Problem, match="does not have the mail that called the vote"):
        read_thread(reading)
    settings.ARCHIVE_URL = "http://127.0.0.1:9"
    with pytest.raises(Problem, match="could not be reached"):
        read_thread(reading)
    settings.ARCHIVE_URL = ""
    with pytest.raises(Problem, match="knows no archive"):
        read_thread(reading)
    with pytest.raises(NotReady, match="knows no archive"):
        vote.read_thread(by=make.member(vote.project))
    assert reading.record_failed("It is gone.")
    assert not reading.record_failed("It is gone.")


def test_the_inputs_of_a_count_are_kept_and_give_the_same_count_again(archive) -> None:
    vote = vote_by_mail()
    put(archive, vote, *(answer(vote, address(each)) for each in members(vote)))
    reading = read(vote)
    for path in archive.iterdir():
        path.unlink()  # the archive may forget
    make.user("later", email="x@evil.net")
    assert reading.recount() == reading.counted
    KeptMail.objects.filter(digest=reading.mails[0][0]).update(packed=b"x")
    with pytest.raises(ValueError, match="is not what it was"):
        reading.recount()


def test_a_copied_message_id_of_the_call_takes_nobody_s_vote(archive) -> None:
    vote = vote_by_mail()
    ident = mail.call_of(vote)
    caller, forged = vote.called_by, answer(vote, "M <m@evil.net>", "-1\n", ident=ident, hour=3)
    put(archive, vote, answer(vote, address(caller)), forged)
    read(vote)
    assert [each.choice for each in vote.casts() if each.voter == caller.username] == ["+1"]


def test_a_count_from_before_senders_were_asked_still_agrees(archive) -> None:
    vote = vote_by_mail()
    forged = answer(vote, "M <m@evil.net>", ident=mail.call_of(vote), hour=3)
    put(archive, vote, *(answer(vote, address(each)) for each in members(vote)), forged)
    reading = read(vote)
    now = reading.counted
    del reading.terms["senders"]
    reading.counted = reading.recount()
    assert reading.counted != now
    reading.save()
    vote.release.resolve_vote(Outcome.PASSED, by=make.member(vote.project))
    call_command("tally", "--all", "--verify", stdout=(said := StringIO()))
    assert "agrees" in said.getvalue()
    vote.refresh_from_db()
    assert list(recount.differences(vote.counted)) == []


def test_mails_are_kept_once_however_often_they_are_read(archive) -> None:
    vote = vote_by_mail()
    put(archive, vote, answer(vote, address(make.member(vote.project))))
    for _ in range(3):
        read(vote)
    assert KeptMail.objects.count() == 2
    assert vote.readings.count() == 1, "what nobody asked for is kept as long as it is the newest"


def test_a_closed_vote_takes_no_reading_any_more(archive) -> None:
    vote = vote_by_mail()
    put(archive, vote)
    waiting = vote.begin_reading()
    vote.release.resolve_vote(Outcome.CANCELLED, by=make.member(vote.project))
    assert read_thread(waiting) is False
    vote.refresh_from_db()
    with pytest.raises(NotReady, match="closed"):
        vote.read_thread(by=make.member(vote.project))


def test_open_votes_by_mail_are_read_by_themselves(archive) -> None:
    vote = vote_by_mail()
    put(archive, vote)
    make.vote()
    assert [each.vote for each in begin_due_readings()] == [vote]
    enqueue("releases.read_threads")
    run_jobs("releases.read_threads")
    run_jobs("releases.read_thread")
    assert vote.reading is not None


def test_receipts_of_ballots_on_the_list_are_not_counted_again(archive) -> None:
    vote = vote_by_mail()
    voter = make.member(vote.project)
    vote.cast(Choice.FOR, by=voter, manifest_digest=vote.manifest_digest)
    ident = message_id(Event.objects.get(tag=Tag.BALLOT_CAST).pk)
    put(archive, vote, answer(vote, address(voter), "-1\n", ident=ident))
    read(vote)
    assert vote.tally().binding.for_it == 1


class TestManual:
    """Votes that people count elsewhere: the site keeps where."""

    @pytest.fixture
    def vote(self, settings):
        settings.ARCHIVE_URL = "https://lists.example.org"
        return vote_by_mail(mode=VoteMode.MANUAL)

    def test_it_takes_no_ballot(self, vote) -> None:
        with pytest.raises(NotReady, match="answer there"):
            vote.cast("+1", by=make.member(vote.project), manifest_digest=vote.manifest_digest)

    def test_it_passes_with_links_to_its_threads(self, vote) -> None:
        by = make.member(vote.project)
        with pytest.raises(NotReady, match="where the vote was counted"):
            vote.release.resolve_vote(Outcome.PASSED, by=by)
        links = [f"https://lists.example.org/thread/{name * 32}" for name in "ab"]
        closed = vote.release.resolve_vote(Outcome.PASSED, by=by, links=links)
        assert closed.links == closed.counted["links"] == links

    @pytest.mark.parametrize(
        "link", ["https://evil.net/thread/a", "javascript:alert(1)", "https://lists.example.org"]
    )
    def test_a_link_to_anywhere_else_is_refused(self, vote, link) -> None:
        with pytest.raises(BadInput, match="no address of a thread"):
            vote.release.resolve_vote(Outcome.PASSED, by=make.member(vote.project), links=[link])

    def test_before_its_end_it_is_cancelled_and_nothing_else(self, settings) -> None:
        vote = vote_by_mail(mode=VoteMode.MANUAL, hours=72)
        with pytest.raises(NotReady, match="runs until"):
            vote.release.resolve_vote(Outcome.FAILED, by=make.member(vote.project))


@pytest.mark.parametrize(
    "row",
    [
        {"binding_for": 2},
        {"binding_for": 3, "binding_against": 3},
        {"binding_for": 3, "binding_needed": 4},
        {"binding_for": 3, "ends_at": "2999-01-01T00:00Z"},
    ],
)
def test_the_database_itself_refuses_a_pass_against_the_rule(row) -> None:
    vote = make.vote()
    told = {"outcome": Outcome.PASSED, "resolved_at": now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.filter(pk=vote.pk).update(**told, **row)
    Vote.objects.filter(pk=vote.pk).update(**told, binding_for=3)


def test_a_reading_keeps_the_rules_it_was_made_by(archive) -> None:
    vote = vote_by_mail()
    ben = make.member(vote.project)
    put(archive, vote, answer(vote, address(ben), "Thanks\nTel: +1 555 123 4567\n"))
    reading = read(vote)
    assert reading.terms["rules"] == RULES
    assert reading.casts() == []
    del reading.terms["rules"]  # as it was kept before there were others
    again = reading.recount()["entries"]
    assert [each["choice"] for each in again if each["account"] == ben.username] == ["+1"]
