"""Mail threads: what counts in each, what does not and why, and what hostile ones cost."""

import random
import time
import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases import thread
from releases.tally import Rule, tally
from releases.thread import Directory, Mail, Terms, TooMany, count
from tests.releases.mails import ACCOUNTS, BINDING, CALL, PEOPLE, START, SUBJECT, call, mail, parts
from tests.releases.threads import Thread
from tests.releases.threads_elsewhere import AUTHORS, THREADS

pytestmark = pytest.mark.once

WHO = Directory(PEOPLE, "apache.org", ACCOUNTS)
TERMS = Terms(opening="<call@example.org>", caller="ann", senders=["ann@example.org"])
SENT_BY_US = replace(TERMS, senders=["releases@example.org"])
BEFORE = replace(TERMS, senders=None)  # as counts from before senders were asked have kept them


def counted(mails, terms=TERMS, who=WHO):
    return count([each if isinstance(each, Mail) else Mail(each) for each in mails], who, terms)


def votes(result) -> dict[str, str]:
    return {each.account or each.name: each.choice for each in result.entries if each.counts}


def reasons(result) -> set[str]:
    """Why mails and lines do not count; a changed vote is told by what it was."""
    found = {each.reason for each in result.entries}
    found |= {line.reason for each in result.entries for line in each.lines}
    return found - {""}


@pytest.mark.parametrize("one", THREADS, ids=lambda one: one.name)
def test_a_thread_of_this_kind_counts(one: Thread) -> None:
    result = counted(one.all)
    assert votes(result) == one.counts
    assert set(one.reasons) <= reasons(result)


def test_there_are_sixty_threads_and_each_is_another() -> None:
    assert len(THREADS) >= 60
    assert len({tuple(each.all) for each in THREADS}) == len(THREADS)


@pytest.mark.parametrize("one", THREADS, ids=lambda one: one.name)
def test_the_order_in_which_an_archive_gives_mails_never_matters(one: Thread) -> None:
    mails = one.all
    expected = counted(mails).as_json()
    for seed in range(3):
        shuffled = random.Random(seed).sample(mails, len(mails))
        assert counted(shuffled).as_json() == expected


def test_what_was_counted_by_the_first_rules_comes_out_as_it_did_then() -> None:
    first = replace(TERMS, rules=1)
    german = mail("ben", f"+1\n\n{AUTHORS['German']}\n\n-1 no\n")
    told = mail("cat", "Tel: +1 555 123 4567\n", subject="[VOTE RESULT] x", hour=2)
    page = mail("dan", **parts(("text/plain", ""), ("text/html", "+1")), hour=3)
    assert votes(counted([german, told, page], first)) == {"cat": "+1"}
    assert votes(counted([german, told, page])) == {"ben": "+1"}


def test_every_line_leads_to_its_mail() -> None:
    raw = mail("ben", "+1 built it\n> -1 said she\n", ident="<b@x>")
    entry = counted([Mail(raw, "https://lists.example.org/thread/b")]).entries[0]
    assert (entry.link, entry.message_id) == ("https://lists.example.org/thread/b", "<b@x>")
    assert [(line.text, line.choice, line.counts) for line in entry.lines] == [
        ("+1 built it", "+1", True),
        ("-1 said she", "", False),
    ]


def test_receipts_of_ballots_count_by_their_ballots_alone() -> None:
    raw = mail("ben", ident="<event-7@x>")
    result = counted([call(), raw], Terms(ours=["<event-7@x>"]))
    assert votes(result) == {}
    assert thread.OURS in reasons(result)


def test_a_mail_after_the_end_does_not_count_and_one_at_the_end_does() -> None:
    terms = Terms(ends_at=START + timedelta(hours=2))
    result = counted([call(), mail("ben", hour=2), mail("cat", hour=2.01)], terms)
    assert votes(result) == {"ben": "+1"}
    assert thread.AFTER_END in reasons(result)


def test_a_clock_that_is_ahead_makes_no_vote_the_last_one() -> None:
    ahead = Mail(mail("ben", "-1\n", hour=9_000))
    terms = Terms(fetched_at=START + timedelta(hours=3))
    assert counted([ahead], terms).entries[0].at == START + timedelta(hours=3)


def test_when_the_archive_says_when_a_mail_came_its_own_date_is_not_asked() -> None:
    first, second = mail("ben", "+1\n", hour=9), mail("ben", "-1\n", hour=1)
    mails = [Mail(first, at=START), Mail(second, at=START + timedelta(hours=1))]
    assert votes(counted(mails)) == {"ben": "-1"}


def test_who_votes_is_known_by_the_directory_and_never_by_the_name() -> None:
    liar = mail("Ann Archer (binding) <mallory@elsewhere.net>", "+1 (binding)\n")
    entry = counted([liar]).entries[0]
    assert entry.account == ""
    result = tally(counted([liar]).casts, BINDING, Rule(), START)
    assert (result.binding.for_it, result.other.for_it) == (0, 1)


def test_strangers_are_told_apart_without_telling_their_addresses() -> None:
    result = counted([mail("Zoe <zoe@a.net>"), mail("Zoe <zoe@b.net>", "-1\n")])
    assert len({cast.voter for cast in result.casts}) == 2
    assert "zoe@" not in str(result.as_json())


def test_a_server_of_the_list_itself_is_not_who_sent_the_mail() -> None:
    spf = "pass (x) envelope-from=dev-return-7@tool.example.org"
    raw = mail('"Ben via dev" <dev@tool.example.org>', Received_SPF=spf, Cc="ben@example.org")
    assert votes(counted([raw])) == {"ben": "+1"}
    failed = mail(
        '"Ben via dev" <dev@tool.example.org>', Received_SPF="fail envelope-from=ann@example.org"
    )
    assert votes(counted([failed])) == {}


def test_a_message_id_of_somebody_else_takes_no_vote_away() -> None:
    result = counted([mail("eve", ident="<a@x>"), mail("ben", ident="<a@x>", hour=2)])
    assert votes(result) == {"eve": "+1", "ben": "+1"}


def called(body: str = CALL, **more) -> bytes:
    """The mail that calls the vote, as this site sends it in the name of whoever calls."""
    fields = {"hour": 0, "subject": SUBJECT, "ident": "<call@example.org>"} | more
    return mail("Ann Archer via Releases <releases@example.org>", body, **fields)


@pytest.mark.parametrize("hour", [-1, 3], ids=["before it", "after it"])
def test_who_copies_the_message_id_of_the_call_votes_for_themself_alone(hour: float) -> None:
    liar = "Mallory <mallory@elsewhere.net>"
    forged = mail(liar, "-1 broken\n", ident="<call@example.org>", hour=hour)
    mails = [called(CALL + "\n+1 from me.\n"), mail("ben", hour=2), forged]
    result = counted(mails, SENT_BY_US)
    assert votes(result) == {"ann": "+1", "ben": "+1", "Mallory": "-1"}
    assert [each.account for each in result.entries if each.found_by == "call"] == ["ann"]
    assert tally(result.casts, BINDING, Rule(), START).binding.against == 0


def test_who_writes_our_address_over_a_copy_of_the_call_as_well_votes_for_nobody() -> None:
    forged = mail("Ann <releases@example.org>", "-1 broken\n", ident="<call@example.org>", hour=3)
    own = mail("ann", "+1\n", hour=1)
    result = counted([called(), own, forged], SENT_BY_US)
    assert votes(result) == {"ann": "+1"}
    assert [each.found_by for each in result.entries] == ["call", "from", "from"]
    assert [each.reason for each in result.entries] == ["", "", thread.CALLED_BEFORE]


def test_a_call_is_known_where_the_list_has_put_its_own_address_into_from() -> None:
    raw = mail(
        '"Ann Archer via Releases via dev" <dev@tool.example.org>',
        CALL + "\n+1 from me.\n",
        ident="<call@example.org>",
        Received_SPF="pass (x) envelope-from=releases@example.org",
    )
    assert votes(counted([raw], SENT_BY_US)) == {"ann": "+1"}


def test_what_was_counted_before_senders_were_asked_is_counted_so_again() -> None:
    liar = "Mallory <mallory@elsewhere.net>"
    forged = mail(liar, "-1 broken\n", ident="<call@example.org>", hour=3)
    assert votes(counted([call(), forged], BEFORE)) == {"ann": "-1"}


voters = st.sampled_from(["ann", "ben", "cat", "dan", "eve", "Zoe <zoe@else.net>"])
bodies = st.sampled_from(["+1\n", "-1 no\n", "0\n", "+1\n-1\n", "hm\n", "> +1\n", "-0.5\n"])
acts = st.lists(st.tuples(voters, bodies, st.integers(0, 4)), max_size=8)


@given(acts, st.integers(0, 99))
def test_whatever_people_write_order_does_not_matter_and_each_counts_once(said, seed) -> None:
    mails = [
        Mail(mail(who, text, hour=hour, ident=f"<{place}@x>"))
        for place, (who, text, hour) in enumerate(said)
    ]
    result = counted(mails)
    assert counted(random.Random(seed).sample(mails, len(mails))).as_json() == result.as_json()
    assert len({cast.voter for cast in result.casts}) == len(result.casts)
    assert {cast.voter for cast in result.casts} <= {each.voter for each in result.entries}


@given(st.binary(max_size=2_000))
def test_no_bytes_at_all_break_it(raw) -> None:
    counted([Mail(raw), Mail(b"From: a@b\n\n" + raw), Mail(b"Content-Type: text/html\n\n" + raw)])


HOSTILE = {
    "nested": b'Content-Type: multipart/mixed; boundary="x"\n\n'
    + b'--x\nContent-Type: multipart/mixed; boundary="x"\n\n' * 20_000,
    "headers": b"From: " + b"<" * 500_000 + b"\n\n+1\n",
    "many headers": b"X: y\n" * 200_000 + b"\n+1\n",
    "words of a header": b"Subject: " + b"=?utf-8?q?=2B1?= " * 50_000 + b"\n\n+1\n",
    "addresses": b"From: x via y <a@b>\nCc: " + b"a@b, " * 100_000 + b"\n\n+1\n",
    "quotes": b"From: a@b\n\n" + b"> " * 500_000 + b"+1\n",
    "a long line": b"From: a@b\n\n" + b" +1" * 500_000,
    "many lines": b"From: a@b\n\n" + b"+1\n" * 300_000,
    "open tags": b"Content-Type: text/html\n\n" + b"<blockquote><div>" * 50_000,
    "broken tags": b"Content-Type: text/html\n\n" + b"<!--" * 200_000 + b"<a" * 100_000,
    "declarations": b"Content-Type: text/html\n\n" + b"<![" * 200_000,
    "attributes": b"Content-Type: text/html\n\n<a " + b"x=" * 200_000,
    "slow charset": b"Content-Type: text/plain; charset=punycode\n\n" + b"a" * 500_000,
    "flowed": b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 200_000,
    "spaces": b"From: a@b\n\n" + b"On " + b" " * 500_000 + b"\n" + b"[" + b" " * 900 + b"\n" * 9,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_mail_costs_little(kind: str) -> None:
    raw = b"Date: Mon, 02 Mar 2026 10:00:00 +0000\n" + HOSTILE[kind]
    began = time.process_time()
    result = counted([Mail(raw)])
    assert time.process_time() - began < 3
    tracemalloc.start()
    counted([Mail(raw)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 << 20
    assert len(str(result.as_json())) < 600_000


def test_ten_thousand_mails_are_counted_and_one_more_is_too_many() -> None:
    def stream(total: int):
        for n in range(total):
            voter = f"v{n % 500}@else.net"
            yield Mail(
                mail(f"V <{voter}>", f"{'+1' if n % 3 else '-1'}\n", hour=n / 60, ident=str(n))
            )

    began = time.process_time()
    result = count(stream(thread.MOST_MAILS), WHO)
    assert time.process_time() - began < 60
    assert (result.mails, len(result.casts)) == (10_000, 500)
    last = {f"{n % 500}": "+1" if n % 3 else "-1" for n in range(10_000)}
    outcome = tally(result.casts, frozenset(), Rule(), START)
    assert outcome.other.for_it == sum(choice == "+1" for choice in last.values())
    with pytest.raises(TooMany, match="10,000"):
        count((Mail(b"") for _ in range(thread.MOST_MAILS + 1)), WHO)
