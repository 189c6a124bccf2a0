"""Which keys a published release rests on, written down with the keys."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.timezone import now

from checks.models import Finding
from checks.rules.signature import Signature
from keys.models import Certificate, KeyLink, KeyUse
from keys.openpgp_judge import State
from releases.models import Publication


def public() -> QuerySet[Publication]:
    """Publications that are done. Everybody reads what a key was used for: none under embargo."""
    done = Publication.objects.filter(state=Publication.State.DONE, release__embargoed=False)
    return done.select_related("release__project__committee")


def unrecorded() -> list[Publication]:
    """Those of whose signatures nothing is written down."""
    known = set(KeyUse.objects.values_list("project", "version"))
    rows = public()
    return [each for each in rows if (each.release.project.slug, each.release.version) not in known]


def record(publication: Publication) -> int:
    """Write down each good signature of the voted files; say how many there are. Twice is once."""
    release = publication.release
    entries = {each.path: each.blob for each in release.voted.entries}
    good = Finding.objects.filter(
        result__runs__revision=release.voted, rule=Signature.slug, data__state=str(State.GOOD)
    )
    facts = {(each.path, each.data["fingerprint"]): each.data for each in good}
    names = {each["certificate_fingerprint"] for each in facts.values()}
    rows = {each.fingerprint: each for each in Certificate.objects.filter(fingerprint__in=names)}
    for (path, signing), data in sorted(facts.items()):
        if data["certificate_fingerprint"] not in rows or path not in entries:
            continue
        certificate = rows[data["certificate_fingerprint"]]
        KeyUse.objects.get_or_create(
            committee=publication.committee,
            project=release.project.slug,
            version=release.version,
            path=path,
            signing_fingerprint=signing,
            defaults={
                "certificate": certificate,
                "sha256": entries[path].sha256,
                "signed_at": _moment(data.get("signed_at")),
                "digest": data.get("digest", ""),
                "published_at": publication.published_at or now(),
            },
        )
        KeyLink.keep(certificate, publication.committee)
    return len(facts)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
