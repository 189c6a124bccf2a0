"""What a browser complains about while a person uses the pages."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

# In the page, before any script of it: the policy's own report of each thing it has stopped.
LISTEN = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `Content Security Policy: ${event.violatedDirective} stopped ${event.blockedURI} `
  + `${event.sourceFile}:${event.lineNumber} ${event.sample}`));
"""
# The same refusal is told with its address by `answered`.
TWICE = "Failed to load resource"
# A poll that a navigation cuts short, or a link that turns out to be a download.
CUT_SHORT = "net::ERR_ABORTED"
REFUSED = (403, 409, 422)


class Complaints(list[str]):
    """Scripts that fail, errors in the console, what the policy stops, what is not found.

    An answer of 4xx or 5xx to a page is no complaint: the pages say themselves what is refused.
    """

    def __init__(self, context: BrowserContext) -> None:
        super().__init__()
        self.hosts: set[str] = set()
        context.add_init_script(LISTEN)
        context.on("page", self._watch)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.append(f"script: {error.error}"))

    def _watch(self, page: Page) -> None:
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("requestfailed", self._failed)

    def _said(self, line: ConsoleMessage) -> None:
        policy = "Content Security Policy" in line.text
        if policy or (line.type == "error" and TWICE not in line.text):
            self.append(f"console: {line.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.hosts.add(request.url.split("/")[2])

    def _answered(self, response: Response) -> None:
        status, kind = response.status, response.request.resource_type
        # An upload or a poll may be refused, and the page then says why.
        said = kind == "document" or (kind in ("xhr", "fetch") and status in REFUSED)
        if status >= 400 and not said:
            self.append(f"answer: {status} {response.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != CUT_SHORT:
            self.append(f"request: {request.failure} {request.url}")
