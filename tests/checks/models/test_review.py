"""What a person may have checked for themself, how often, and who learns of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from checks import review_files
from checks.models import Review
from checks.models.review import new_key
from checks.review_report import Report
from releases.models import Blob
from tests import make
from tests.checks.reviewed import FILES, asked, done, stored
from tests.verbs import as_person
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Stale

pytestmark = pytest.mark.django_db(transaction=True)

HOST = "https://dist.apache.org"


def codes(error: pytest.ExceptionInfo[NotReady]) -> list[str]:
    return [each.code for each in error.value.obstacles]


def ended(row: Review) -> Review:
    assert row.record_failed("Over.")
    row.refresh_from_db()
    return row


def test_anybody_with_an_account_may_and_nobody_else() -> None:
    row = asked(make.user())
    assert (row.state, row.file_count, row.title) == ("waiting", 2, "tool-1.0-src.tar.gz")
    for nobody in (AnonymousUser(), make.user(is_active=False)):
        with pytest.raises(PermissionDenied):
            Review(url=f"{HOST}/x/").ask(by=nobody)
    assert Review.objects.count() == 1


def test_nobody_does_it_in_the_name_of_somebody_else() -> None:
    person = make.user()
    row = asked(person)
    acting = as_person(person, make.operator())
    with pytest.raises(PermissionDenied):
        row.discard(by=acting)
    ended(row)
    with pytest.raises(PermissionDenied):
        Review(url=f"{HOST}/x/").ask(by=acting)


def test_it_is_the_owners_alone_until_it_expires() -> None:
    owner = make.user()
    row = asked(owner)
    assert list(Review.objects.of(owner)) == [row]
    for other in (make.user(), make.operator(), AnonymousUser()):
        assert not Review.objects.of(other).exists()
    Review.objects.update(expires_at=now() - timedelta(seconds=1))
    assert not Review.objects.of(owner).exists()


def test_one_at_a_time_and_the_next_when_that_is_done() -> None:
    owner = make.user()
    row = asked(owner)
    with pytest.raises(NotReady) as refused:
        asked(owner)
    assert codes(refused) == ["review_running"]
    asked(make.user())  # others are not kept waiting
    ended(row)
    assert asked(owner).pk != row.pk


def test_the_database_keeps_two_at_once_apart_as_well() -> None:
    row = asked()
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(owner=row.owner, expires_at=row.expires_at)


def test_one_whose_worker_is_lost_does_not_keep_the_person_waiting() -> None:
    owner = make.user()
    row = asked(owner)
    Job.objects.update(state=Job.State.FAILED)
    assert not row.is_in_hand
    assert asked(owner).is_in_hand
    row.refresh_from_db()
    assert row.state == "failed"
    assert "lost" in row.problem
    assert row.key not in review_files.folders()


def test_so_many_reports_and_no_more(settings) -> None:
    settings.MAX_REVIEWS = 2
    owner = make.user()
    first = ended(asked(owner))
    ended(asked(owner))
    with pytest.raises(NotReady) as refused:
        asked(owner)
    assert codes(refused) == ["too_many_reviews"]
    first.discard(by=owner)
    assert asked(owner)


def test_so_many_of_all_people_wait_and_no_more(settings) -> None:
    settings.MAX_REVIEWS_WAITING = 1
    row = asked()
    with pytest.raises(NotReady) as refused:
        asked()
    assert codes(refused) == ["reviews_busy"]
    ended(row)
    assert asked()


def test_so_many_files_and_no_more(settings) -> None:
    settings.MAX_REVIEW_FILES = 2
    with pytest.raises(BadInput, match="2 are checked at once"):
        asked(files={"a": b"a", "b": b"b", "c": b"c"})
    assert asked(files={"a": b"a", "b": b"b"})


@pytest.mark.parametrize(
    ("about", "why"),
    [
        ({"url": "https://example.org/x/"}, "not imported from example.org"),
        ({"url": "http://dist.apache.org/x/"}, "begins with https://"),
        ({"url": f"{HOST}/../x/"}, "no . or .."),
        ({"url": "https://user:secret@dist.apache.org/x/"}, "plain URL"),
        ({"url": "file:///etc/passwd"}, "begins with https://"),
        ({"url": f"{HOST}/x/", "keys_url": "https://10.0.0.1/KEYS"}, "not imported from 10.0.0.1"),
        ({"url": ""}, "Choose files, or give an address"),
    ],
)
def test_what_cannot_be_had_is_refused_before_anybody_is_asked(about, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        asked(**about)
    assert not Review.objects.exists()
    assert Event.objects.get().refused


def test_keys_are_from_one_place() -> None:
    about = {"url": f"{HOST}/x/", "keys_url": f"{HOST}/KEYS"}
    with pytest.raises(BadInput, match="one of the two"):
        asked(keys_committee=make.committee(), **about)
    assert asked(**about).keys_url == f"{HOST}/KEYS"


def test_keys_alone_are_no_candidate() -> None:
    with pytest.raises(BadInput, match="nothing to check beside KEYS"):
        asked(files={"KEYS": b"keys"})


def test_both_files_and_an_address_are_one_too_many() -> None:
    key = new_key()
    with pytest.raises(BadInput, match="one of the two"):
        Review(key=key, url=f"{HOST}/x/").ask(by=make.user(), files=stored(key, FILES))


def test_a_title_is_one_line_that_people_can_see() -> None:
    assert asked(title=" a\nb\u202e \0" + "c" * 300).title == "a b " + "c" * 196
    assert asked(url=f"{HOST}/x/").title == f"{HOST}/x/"


def test_only_the_owner_deletes_it_and_only_once() -> None:
    owner = make.user()
    row = asked(owner)
    with pytest.raises(PermissionDenied):
        row.discard(by=make.operator())
    assert row.key in review_files.folders()
    again = Review.objects.get()
    row.discard(by=owner)
    assert not Review.objects.exists()
    assert row.key not in review_files.folders()
    with pytest.raises(Stale):
        again.discard(by=owner)


def test_events_say_that_it_was_and_nothing_of_what_was_in_it() -> None:
    owner = make.user()
    row = asked(owner, {"secret-9.1.tar.gz": b"x"}, title="secret", keys_committee=make.committee())
    ended(row)
    row.discard(by=owner)
    events = Event.objects.order_by("pk")
    tags = [Tag.REVIEW_ASKED, Tag.REVIEW_FAILED, Tag.REVIEW_DELETED]
    assert [each.tag for each in events] == tags
    for each in events:
        assert (each.project, each.release, each.committee) == ("", "", "")
        assert "secret" not in str(each.facts)
        assert each.facts["asked_by"] == owner.username


def test_a_refusal_is_on_record_without_what_was_in_it() -> None:
    with pytest.raises(BadInput):
        asked(url="https://example.org/secret/")
    assert "secret" not in str(Event.objects.get().facts)


def test_its_files_are_gone_when_it_ends_and_never_were_in_the_store() -> None:
    row = done()
    assert (row.state, row.files) == ("done", [])
    assert row.key not in review_files.folders()
    assert not Blob.objects.exists()


def test_what_has_ended_is_not_ended_again() -> None:
    row = done()
    report = row.found
    assert isinstance(report, Report)
    assert not row.record_failed("late")
    assert not row.record_done(report)
    assert not row.record_fetched([])
    assert not row.record_begun(Review.State.CHECKING)
    assert not row.record_progress(1, 2)
    assert Review.objects.get().state == "done"


def test_an_account_takes_its_reviews_along() -> None:
    owner = make.user()
    asked(owner)
    owner.delete()
    assert not Review.objects.exists()


def test_what_operators_read_of_it_does_not_name_it() -> None:
    assert "tool" not in str(asked())


def test_a_list_does_not_read_the_reports(django_assert_num_queries) -> None:
    owner = make.user()
    done(owner)
    with django_assert_num_queries(1):
        assert [each.title for each in Review.objects.of(owner).for_listing()]
