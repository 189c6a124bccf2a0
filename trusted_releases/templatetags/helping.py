"""Help in place: a link from where a question comes up to where a guide answers it."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trusted_releases import guides

register = template.Library()


@register.simple_tag(name="help")
def help_link(address: str) -> SafeString:
    """`{% help "voters#which-votes-are-binding" %}`: a question mark that leads to that heading.

    A test holds every address in a template against the guides. Where a file is missing all the
    same, the page stays without its question mark.
    """
    try:
        found = guides.part_at(address)
    except OSError:
        found = None
    if found is None:
        return SafeString()
    url, title = found
    return format_html(
        '<a class="help" href="{}" title="{}"><span aria-hidden="true">?</span>'
        '<span class="sr">Help: {}</span></a>',
        url,
        title,
        title,
    )
