"""Takes pictures of the product as it is now.

    python -m tests.screenshots              the pictures of the guides, into docs/images
    python -m tests.screenshots --all DIR    every page, wide and narrow, light and dark

It makes a world of its own in a directory that is gone afterwards, starts the product on it as a
real installation is set up, and looks at it with the system's Chromium.
"""

import argparse
import base64
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, ViewportSize

from tests import browser
from tests.screenshots.catalogue import SHOTS, WIDTH

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
PATIENCE = 60  # seconds for the product's start
NARROW = 390
SERVER_ERROR = 500
QUALITY = 80  # of WebP: text stays sharp
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "trusted_releases.settings",
    "ENV_FILE": "",
    "DEBUG": "0",
    "DEMO": "0",
    "HTTPS": "0",
    "ALLOWED_HOSTS": "localhost",
    "MAIL_DOMAIN": "example.org",
    "DEFAULT_FROM_EMAIL": "releases@example.org",
    "LOG_LEVEL": "WARNING",
    "EMAIL_BACKEND": "releases.mail.Mailbox",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--all", type=Path, metavar="DIR", help="every page, into this directory")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tr-shots-") as data, browser.running() as chromium:
        env = environment(Path(data))
        told = world(env, Path(data))
        with served(env):
            if chosen.all:
                everything(chromium, env["SITE_URL"], told, chosen.all)
            else:
                of_the_guides(chromium, env["SITE_URL"], told)
    return 0


def environment(data: Path) -> dict[str, str]:
    return {
        **os.environ,
        **SETTINGS,
        "DATA_DIR": str(data),
        "STATIC_ROOT": str(data / "static"),
        "DATABASE_URL": f"sqlite:///{data}/db.sqlite3",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "SITE_URL": f"http://localhost:{free_port()}",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def world(env: dict[str, str], data: Path) -> dict[str, Any]:
    """Build it in a process of its own, and read what is where."""
    told = data / "world.json"
    command = [sys.executable, "-m", "tests.screenshots.world", str(told)]
    subprocess.run(command, cwd=ROOT, env=env, check=True)
    found: dict[str, Any] = json.loads(told.read_text())
    return found


@contextmanager
def served(env: dict[str, str]) -> Iterator[None]:
    """The product, web server and worker, for as long as the block runs."""
    port = env["SITE_URL"].rpartition(":")[2]
    command = [sys.executable, "manage.py", "up", "--port", port]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL) as process:
        try:
            _wait(env["SITE_URL"], process)
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until the web server answers and sees its worker."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), urlopen(f"{address}/readyz", timeout=2):
            return
        time.sleep(0.1)
    raise SystemExit(f"{address} did not answer.")


# --- Looking --------------------------------------------------------------------------------------


def of_the_guides(chromium: Browser, address: str, told: dict[str, Any]) -> None:
    """The pictures in docs/images, all or none; what the guides no longer have is removed."""
    pages = {page["name"]: page for page in told["pages"]}
    with tempfile.TemporaryDirectory(prefix="tr-shots-") as folder:
        for name, shot in SHOTS.items():
            page = pages[shot.page]
            with looking(chromium, address, told, page["by"], WIDTH, "light", shot.height) as seen:
                take(seen, page, Path(folder) / f"{name}.webp", whole=False)
        IMAGES.mkdir(exist_ok=True)
        for path in IMAGES.glob("*.webp"):
            path.unlink()
        for path in sorted(Path(folder).iterdir()):
            shutil.copyfile(path, IMAGES / path.name)
            print(f"docs/images/{path.name}: {path.stat().st_size:,} bytes", flush=True)


def everything(chromium: Browser, address: str, told: dict[str, Any], target: Path) -> None:
    """Each page at two widths and in both schemes: NAME-WIDTH-SCHEME.png."""
    target.mkdir(parents=True, exist_ok=True)
    for by in sorted({page["by"] for page in told["pages"]}):
        for width in (WIDTH, NARROW):
            for scheme in ("light", "dark"):
                with looking(chromium, address, told, by, width, scheme) as context:
                    for page in told["pages"]:
                        if page["by"] == by:
                            name = f"{page['name']}-{width}-{scheme}.png"
                            take(context, page, target / name, whole=True)
        print(f"seen as {by or 'nobody'}", flush=True)


@contextmanager
def looking(
    chromium: Browser,
    address: str,
    told: dict[str, Any],
    by: str,
    width: int,
    scheme: Any,
    height: int = 900,
) -> Iterator[BrowserContext]:
    """A browser of this person, at this width and scheme; its clock is in UTC."""
    context = chromium.new_context(
        base_url=address,
        viewport=ViewportSize(width=width, height=height),
        color_scheme=scheme,
        timezone_id="UTC",
        locale="en-GB",
        reduced_motion="reduce",
    )
    if by:
        cookie = {"name": told["cookie_name"], "value": told["cookies"][by], "url": address}
        context.add_cookies([cookie])  # type: ignore[list-item]
    try:
        yield context
    finally:
        context.close()


def take(context: BrowserContext, shown: dict[str, Any], target: Path, *, whole: bool) -> None:
    """A picture of one page, when all of it is there: the part that is seen as WebP, which is
    small enough to be kept in the repository, or the whole page as PNG."""
    page = context.new_page()
    answer = page.goto(shown["path"], wait_until="load")
    if answer is None or answer.status >= SERVER_ERROR:
        raise SystemExit(f"{shown['path']} ({shown['name']}) has failed: see above.")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(150)  # what htmx asks for once the page is there
    if whole:
        page.screenshot(path=target, full_page=True, animations="disabled", caret="hide")
    else:
        asked = {"format": "webp", "quality": QUALITY}
        found = context.new_cdp_session(page).send("Page.captureScreenshot", asked)
        target.write_bytes(base64.b64decode(found["data"]))
    page.close()


if __name__ == "__main__":
    sys.exit(main())
