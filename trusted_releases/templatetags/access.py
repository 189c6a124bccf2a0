"""Rights that the frame of every page asks for."""

from typing import Any

from django import template

from projects.roles import may, roles_granting

register = template.Library()

SEARCH = "projects.search_events"


@register.simple_tag
def may_search_events(person: Any) -> bool:
    """Whether the person may search all events: by standing, or by a role in any committee."""
    if may(person, SEARCH):
        return True
    if not person.is_authenticated or not person.is_active:
        return False
    return person.memberships.filter(role__in=roles_granting(SEARCH)).exists()
