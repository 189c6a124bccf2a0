"""Which releases a key has signed, as the checks saw it."""

from django import template

from checks.engine.model import Level
from checks.models import Finding
from keys.models import Certificate
from projects.roles import Person
from releases.models import Release

register = template.Library()

SHOWN = 20
RULE = "signature"


@register.simple_tag
def signed_with(certificate: Certificate, person: Person) -> list[Release]:
    """The newest releases, of those the person may see, with a good signature by this key.

    Looked for in the committees that the key is linked to: nowhere else does it count.
    """
    good = Finding.objects.filter(
        rule=RULE,
        level=str(Level.NOTE),
        data__state="good",
        signer=certificate.fingerprint,
    )
    runs = good.values("result__runs__revision__release")
    ours = certificate.links.values("committee")
    found = Release.objects.visible_to(person).filter(project__committee__in=ours, pk__in=runs)
    return list(found.select_related("project").order_by("-created_at")[:SHOWN])
