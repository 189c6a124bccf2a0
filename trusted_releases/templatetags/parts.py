"""The components of pages, as tags. /docs/components/ shows each in all its states."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trusted_releases.templatetags.told import distance

register = template.Library()

# What the caption below a step of the phase line says, unless the step brings its own `note`.
STANDING = {"done": "done", "now": "now", "later": "to come"}


@register.inclusion_tag("part/phase_line.html")
def phase_line(steps: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Where a release is. A step: `label`, `state` (done, now, later), perhaps `url`, `note`."""
    told = [{**step, "note": step.get("note") or STANDING[step["state"]]} for step in steps]
    place = next((at for at, step in enumerate(told, 1) if step["state"] == "now"), 0)
    return {"steps": told, "place": place, "count": len(told)}


@register.inclusion_tag("part/nav_link.html", takes_context=True)
def nav_link(context: Mapping[str, Any], url: str, label: str) -> dict[str, str]:
    """A link of the navigation; it is marked on its own page, and on those below it."""
    path = getattr(context.get("request"), "path", "")
    here = "page" if path == url else "true" if path.startswith(url) else ""
    return {"url": url, "label": label, "here": here}


@register.inclusion_tag("part/person.html")
def person(account: Any, link: str = "") -> dict[str, Any]:
    """A person by name and username; the platform itself where there is nobody."""
    return {"person": account, "link": link}


@register.inclusion_tag("part/progress.html")
def progress(done: int, total: int | None, label: str, unit: str = "") -> dict[str, Any]:
    """How far something is, always with a number: bytes, or `unit` things (`files`, `checks`).

    Without a `total` only what has been done is told: a bar would be made up.
    """

    def amount(count: int) -> str:
        return f"{count:,}" if unit else filesizeformat(count)

    told = f"{amount(done)} of {amount(total)}" if total else f"{amount(done)} so far"
    percent = min(100, 100 * done // total) if total else None
    return {"label": label, "percent": percent, "told": f"{told} {unit}".rstrip()}


@register.inclusion_tag("part/level.html")
def level(name: str, count: int | None = None, url: str = "") -> dict[str, Any]:
    """A level of findings as a word with its sign; with how many there are, with a link to them."""
    return {"level": name, "count": count, "url": url}


@register.inclusion_tag("part/phase.html")
def phase(release: Any) -> dict[str, Any]:
    """The phase of a release, as a word with its sign."""
    return {"phase": release.phase, "label": release.get_phase_display()}


@register.inclusion_tag("part/choice.html")
def choice(value: str) -> dict[str, str]:
    """What a ballot says: `+1`, `0` or `-1`."""
    return {"choice": value}


@register.inclusion_tag("part/copy.html")
def copy(text: str, what: str) -> dict[str, str]:
    """A button that copies `text`; `what` is told to those who hear the page."""
    return {"text": text, "what": what}


@register.simple_tag
def since(at: datetime | None) -> SafeString:
    """A moment as its distance from now, `3 days ago`, with the moment itself on hover."""
    if at is None:
        return SafeString("-")
    return format_html(
        '<time datetime="{}" title="{} UTC" data-distance>{}</time>',
        at.isoformat(timespec="seconds"),
        f"{at:%Y-%m-%d %H:%M:%S}",
        distance(at),
    )


@register.simple_block_tag
def notice(content: str, kind: str = "", title: str = "", role: str = "") -> str:
    """A box that is to be read: `stop`, `warn`, `done`, or none for what is good to know."""
    return render_to_string(
        "part/notice.html", {"body": content, "kind": kind, "title": title, "role": role}
    )


@register.simple_block_tag
def consequences(content: str, undo: str = "") -> str:
    """What an act will do, before it is done: `<li>` for each; `undo` says how to take it back.

    Without `undo` it says that there is no way back.
    """
    return render_to_string("part/consequences.html", {"body": content, "undo": undo})
