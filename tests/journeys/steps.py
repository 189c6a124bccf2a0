"""What people do on more than one journey."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from projects.models import Project, User
from releases.models import Release
from tests import make, signed
from tests.journeys.site import NARROW, PATIENCE, WIDE, Seat
from trusted_releases import demo
from trusted_releases.ledger.worker import run_pending

# With scripts and without, on a wide screen and on a phone.
WAYS = [(True, WIDE), (True, NARROW), (False, WIDE), (False, NARROW)]
TYPED = re.compile(r"\btype (?:the \w+, )?([^\s,]+)", re.IGNORECASE)
NAMES = ["scripts-wide", "scripts-phone", "plain-wide", "plain-phone"]
# One of them is enough to see a second database at work.
each_way = pytest.mark.parametrize(
    ("scripts", "width"),
    [WAYS[0], *(pytest.param(*way, marks=pytest.mark.once) for way in WAYS[1:])],
    ids=NAMES,
)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(name, re.IGNORECASE))


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=re.compile(name, re.IGNORECASE))


def log_in(page: Page, username: str) -> None:
    """Fill in the log-in form that is open."""
    form = page.get_by_role("main")
    form.get_by_label(re.compile("^(log ?in|user)", re.IGNORECASE)).fill(username)
    form.get_by_label(re.compile("^password", re.IGNORECASE)).fill(demo.password())
    form.get_by_role("button", name="Log in", exact=True).click()
    expect(button(page, "log out")).to_be_attached()


def becomes_visible(seat: Seat, what: Locator) -> None:
    """With scripts the page tells by itself; without, one reloads it, as it says."""
    if seat.scripts:
        expect(what).to_be_visible(timeout=3 * PATIENCE)
        return
    for _ in range(100):
        if what.is_visible():
            return
        seat.page.wait_for_timeout(300)
        seat.page.reload()
    expect(what).to_be_visible()


def type_the_name(page: Page) -> None:
    """Where an act asks for a typed name, its label says which."""
    fields = page.get_by_role("textbox", name=TYPED)
    fields.first.wait_for()  # `all` takes what is there, and a page may still be on its way
    for field in fields.all():
        label = page.locator(f"label[for='{field.get_attribute('id')}']").inner_text()
        said = TYPED.search(label)
        assert said, label
        field.fill(said[1])


def tool(people: dict[str, User]) -> Project:
    """The project "tool" with alice, bob and carol in its committee, and the key of signatures."""
    project = demo.project("tool", "Apache Tool")
    if not project.committee.certificates.exists():
        signed.add_keys(project, signed.author())
    return Project.objects.get(pk=project.pk)


def files(folder: Path, version: str) -> dict[str, Path]:
    """A signed source release of this version, by kind: archive, signature, checksum."""
    name = f"apache-tool-{version}-source.tar.gz"
    signed.files_of(folder, content=signed.archive(f"apache-tool-{version}"), name=name)
    whole = {"archive": name, "signature": f"{name}.asc", "checksum": f"{name}.sha512"}
    return {kind: folder / each for kind, each in whole.items()}


def checked_draft(project: Project, by: User, folder: Path, version: str) -> Release:
    """A draft with real files and real checks, ready for a vote."""
    release = Release.objects.start(project, version, by=by)
    contents = {path.name: path.read_bytes() for path in files(folder, version).values()}
    release.add_files({name: make.blob(each) for name, each in contents.items()}, by=by)
    run_pending()
    return Release.objects.get(pk=release.pk)
