"""The KEYS file of a committee: as people download it, as checks use it, as it was."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from keys.document import Entry, compose
from keys.models.certificate import Certificate, KeyLink
from keys.models.history import FormerLink, FormerVersion
from keys.models.keys_file import KeysFile
from keys.persons import people_of
from projects.models import Committee


def keys_document(committee: Committee, at: datetime | None = None) -> bytes:
    """The committee's KEYS file: the same certificates give the same bytes.

    `at` is a moment in the past: the file as it was then, with the certificates as they were.
    """
    entries = entries_at(committee, at) if at else _entries(committee)
    return compose(committee.name, entries)


def public_document(committee: Committee) -> bytes:
    """The KEYS file as it is published: of a committee that does so by hand, that of last time."""
    known = KeysFile.objects.filter(committee=committee).first()
    return keys_document(committee, known.shown_at if known else None)


def keys_on(committee: Committee, at: datetime) -> list[Certificate]:
    """The certificates that stood in the committee's KEYS file at that moment, by fingerprint."""
    links = KeyLink.objects.filter(committee=committee, added_at__lte=at)
    former = FormerLink.objects.filter(committee=committee, since__lte=at, until__gt=at)
    wanted = Q(pk__in=links.values("certificate")) | Q(pk__in=former.values("certificate"))
    rows = Certificate.objects.filter(wanted).select_related("owner")
    return list(rows.order_by("fingerprint"))


def entries_at(committee: Committee, at: datetime) -> Iterable[Entry]:
    """What the file had at that moment: each certificate in the form it had then."""
    rows = keys_on(committee, at)
    versions = FormerVersion.objects.filter(certificate__in=rows, until__gt=at).order_by("-until")
    # The last one written is that which ended first after the moment.
    then = {each.certificate_id: each for each in versions}
    ended = KeyLink.objects.filter(committee=committee, retired_at__lte=at)
    retired = dict(ended.values_list("certificate", "retired_at"))
    people = people_of(rows, committee.slug)
    for row in rows:
        entry = then[row.pk].entry if row.pk in then else Entry.of(row)
        yield entry.told(people.get(row.fingerprint, ""), retired.get(row.pk))


def _entries(committee: Committee) -> Iterable[Entry]:
    links = list(committee.key_links.select_related("certificate__owner"))
    people = people_of((each.certificate for each in links), committee.slug)
    for each in links:
        person = people.get(each.certificate.fingerprint, "")
        yield Entry.of(each.certificate).told(person, each.retired_at)
