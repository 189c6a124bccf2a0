"""The container's health: does the web server answer under the site's own name?"""

import os
import sys
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

site = urlsplit(os.environ.get("SITE_URL", "http://localhost"))
headers = {"Host": site.netloc, "X-Forwarded-Proto": site.scheme}
with urlopen(Request("http://127.0.0.1:8000/healthz", headers=headers), timeout=4) as answer:
    sys.exit(answer.status != 200)
