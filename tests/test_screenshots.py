"""The pictures of the guides: which there are, and that the script takes them."""

import re

import pytest

from tests import pages
from tests.screenshots import __main__ as script
from tests.screenshots.catalogue import SHOTS, WIDTH
from tests.screenshots.world import told
from trusted_releases import guides


def named() -> set[str]:
    """The pictures that guides name, without their folder and ending."""
    texts = [path.read_text() for path in guides.folder().rglob("*.md")]
    return {name for text in texts for name in re.findall(r"\(images/([a-z-]+)\.webp\)", text)}


def test_the_script_takes_the_pictures_that_the_guides_name():
    assert set(SHOTS) == named()
    assert len(SHOTS) <= 12


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_the_script_looks_at_pages_that_there_are(chromium, live_server, tmp_path, monkeypatch):
    known = told(pages.world())
    assert {shot.page for shot in SHOTS.values()} <= {page["name"] for page in known["pages"]}

    monkeypatch.setattr(script, "IMAGES", tmp_path / "images")
    monkeypatch.setattr(script, "SHOTS", {"home": SHOTS["home"], "keys": SHOTS["keys"]})
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "gone.webp").write_bytes(b"of a page that guides show no more")
    script.of_the_guides(chromium, live_server.url, known)
    assert {path.name for path in (tmp_path / "images").iterdir()} == {"home.webp", "keys.webp"}
    assert guides.size_of(tmp_path / "images" / "home.webp") == (WIDTH, SHOTS["home"].height)

    few = {**known, "pages": [page for page in known["pages"] if page["name"] in ("home", "key")]}
    script.everything(chromium, live_server.url, few, tmp_path / "all")
    assert len(list((tmp_path / "all").iterdir())) == 8
    assert (tmp_path / "all" / "home-390-dark.png").exists()
