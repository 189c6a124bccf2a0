"""What there is to do for a key, for pages that list keys."""

from django import template
from django.utils.timezone import now

from keys.care import Advice, care_for
from keys.models import Certificate

register = template.Library()


@register.simple_tag
def care_of(key: Certificate) -> list[Advice]:
    """The worst first. Costs no query where the key's owner was read with it."""
    return care_for(key, now())
