"""Who is told of what, how, and never of what they may not see."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from keys import reminders
from keys.models import Certificate
from notices import telling
from notices.kinds import DEFAULTS, KINDS, How, Kind
from notices.models import Notice, count_unread, wish, wishes_of
from projects.models import Membership, User
from releases.phases import Choice, Outcome, Verdict
from tests import make, pgp
from tests.smtp import Received
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.reactions import REACTIONS

pytestmark = pytest.mark.django_db


def told(person: User) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in Notice.objects.filter(person=person).order_by("pk")]


def test_who_published_hears_that_the_files_can_be_downloaded() -> None:
    release = make.passed(make.candidate(make.project("tool"), version="1.0"))
    publisher, other = make.member(release), make.member(release)
    publication = release.publish(by=publisher)
    publication.record_published("tool/tool/1.0")
    telling.tell(Event.objects.get(tag=Tag.RELEASE_PUBLISHED))
    assert told(publisher) == [("live", "Tool 1.0 can be downloaded.")]
    assert told(other) == []


def test_what_is_told_is_told_by_a_reaction_and_has_a_usual_way() -> None:
    assert {tag for tag, jobs in REACTIONS.items() if "notices.tell" in jobs} == set(KINDS)
    assert set(KINDS.values()) == set(Kind) == set(DEFAULTS)


def test_a_committee_hears_of_a_vote_and_who_called_it_does_not() -> None:
    release = make.candidate(make.project("tool"), version="1.0")
    by, other = make.member(release), make.member(release)
    make.vote(release, by=by)
    run_pending("default")
    assert told(other) == [("called", "Vote 1 on Tool 1.0 has begun.")]
    assert [kind for kind, _ in told(by)] == []
    other.refresh_from_db()
    assert other.unread == 1


def test_telling_twice_tells_once() -> None:
    release = make.candidate()
    other = make.member(release)
    make.vote(release)
    event = Event.objects.get(tag=Tag.VOTE_CALLED)
    for _ in range(3):
        telling.tell(event)
    assert len(told(other)) == 1


def test_whoever_sent_files_hears_that_their_checks_are_done() -> None:
    release = make.release(files={"a.txt": "a"})
    make.checked(release.newest, Verdict.FAILED)
    run_pending("default")
    notice = Notice.objects.filter(kind=Kind.CHECKS).earliest("pk")
    assert notice.person == release.newest.made_by
    assert "there are blockers" in notice.text


def test_who_has_voted_and_who_called_hear_how_it_ended() -> None:
    vote = make.vote()
    voter = make.member(vote)
    vote.cast(Choice.FOR, by=voter, manifest_digest=vote.manifest_digest)
    vote.release.resolve_vote(Outcome.CANCELLED, by=make.member(vote))
    run_pending("default")
    for person in (voter, vote.called_by):
        assert told(person)[-1][1].endswith("is resolved: cancelled.")


def test_a_sender_hears_that_their_mail_was_refused(smtp: Received) -> None:
    vote = make.vote(make.candidate(make.project("tool")))
    smtp.refuse = {"dev@tool.example.org": "550 no"}
    run_pending("mail")
    run_pending("default")
    assert "was refused by a recipient's server" in told(vote.called_by)[-1][1]


def test_that_a_key_expires_stands_on_the_site_and_is_mailed_once(settings) -> None:
    """The mail that says what to do is that of the keys; the notice sends no second one."""
    settings.MAIL_DOMAIN = "apache.org"
    owner = make.user("alice")
    row = Certificate.objects.add_own(pgp.signer().public, by=owner)
    Certificate.objects.update(expires_at=now() + timedelta(days=6))
    reminders.remind(now())
    run_pending("default")
    assert [kind for kind, _ in told(owner)] == ["key"]
    assert row.fingerprint[-16:] in told(owner)[0][1]
    assert not Job.objects.filter(name="notices.send").exists()


def test_a_choice_for_a_project_stands_above_that_for_everything() -> None:
    person, project = make.user(), make.project()
    assert wishes_of(person, project.pk)[Kind.CALLED] == How.SITE
    wish(person, Kind.CALLED, How.OFF)
    wish(person, Kind.CALLED, How.MAIL, project)
    assert wishes_of(person, project.pk)[Kind.CALLED] == How.MAIL
    assert wishes_of(person, make.project().pk)[Kind.CALLED] == How.OFF
    wish(person, Kind.CALLED, "", project)
    assert wishes_of(person, project.pk)[Kind.CALLED] == How.OFF


def test_who_wants_to_hear_nothing_hears_nothing() -> None:
    release = make.candidate()
    other = make.member(release)
    wish(other, Kind.CALLED, How.OFF)
    make.vote(release)
    run_pending("default")
    assert told(other) == []


def test_what_somebody_may_not_see_is_never_told_and_never_shown(monkeypatch, smtp) -> None:
    release = make.candidate()
    inside, outside = make.member(release), make.member(release)
    wish(inside, Kind.CALLED, How.MAIL)
    wish(outside, Kind.CALLED, How.MAIL)
    make.vote(release)
    rows = type(release.__class__.objects.all())
    everybody = rows.visible_to

    def embargoed(self, person):
        return everybody(self, person) if person == inside else self.none()

    monkeypatch.setattr(rows, "visible_to", embargoed)
    run_pending("default")
    assert told(outside) == []
    assert len(told(inside)) == 1
    Membership.objects.filter(user=inside).delete()
    monkeypatch.setattr(rows, "visible_to", lambda self, person: self.none())
    smtp.messages.clear()
    Job.objects.filter(name="releases.send_mail").delete()
    run_pending("mail")
    assert smtp.messages == []
    assert not Notice.objects.shown_to(inside).exists()


def test_an_account_that_is_switched_off_is_told_nothing() -> None:
    release = make.candidate()
    other = make.member(release)
    User.objects.filter(pk=other.pk).update(is_active=False)
    make.vote(release)
    run_pending("default")
    assert told(other) == []


def test_notices_of_half_a_year_ago_are_forgotten_read_or_not() -> None:
    ada, ben = make.user("ada"), make.user("ben")
    for person in (ada, ben):
        for event, days in enumerate((181, 179)):
            at = now() - timedelta(days=days)
            fields = {"kind": Kind.KEY, "text": "A", "url": "/", "how": How.SITE, "created_at": at}
            read_at = at if person == ben else None
            Notice.objects.create(person=person, event=event, read_at=read_at, **fields)
    count_unread(ada.pk, ben.pk)
    Job.objects.enqueue("notices.tidy", args={})
    run_pending()
    assert sorted(Notice.objects.values_list("person__username", "event")) == [
        ("ada", 1),
        ("ben", 1),
    ]
    assert dict(User.objects.values_list("username", "unread")) == {"ada": 1, "ben": 0}


def test_notices_of_a_draft_that_is_deleted_are_unread_no_more() -> None:
    draft = make.release()
    ada = make.member(draft)
    for event, release in enumerate((draft, None)):
        fields = {"kind": Kind.CHECKS, "text": "A", "url": "/", "how": How.SITE}
        Notice.objects.create(person=ada, event=event, release=release, **fields)
    count_unread(ada.pk)
    draft.delete_draft(by=ada)
    ada.refresh_from_db()
    assert (Notice.objects.filter(person=ada).count(), ada.unread) == (1, 1)


def test_the_number_of_unread_notices_follows_them() -> None:
    person = make.user()
    Notice.objects.create(person=person, event=1, kind=Kind.KEY, text="A", url="/", how=How.SITE)
    count_unread(person.pk, None)
    person.refresh_from_db()
    assert person.unread == 1
    Notice.objects.all().delete()
    count_unread(person.pk)
    person.refresh_from_db()
    assert person.unread == 0
