"""Who supplies a package, where its name says so.

A registry gives some names to one owner only: Maven Central lets nobody but the foundation publish
below org.apache. For all other packages the supplier is not known from the name, and not guessed.
"""

import re

from checks.sbom.manifests import Package

FOUNDATION = "The Apache Software Foundation"

# The group of a Maven package, whole or up to a dot.
_MAVEN: tuple[tuple[str, str], ...] = (
    ("org.apache", FOUNDATION),
    ("jakarta-regexp", FOUNDATION),
    ("org.osgi", "OSGi Working Group"),
    ("org.opensaml", "Shibboleth Consortium"),
    ("net.shibboleth", "Shibboleth Consortium"),
    ("com.atlassian", "Atlassian"),
    ("javax.servlet.jsp", "Sun Microsystems"),
)
_ACCOUNT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\Z")


def supplier_of(package: Package) -> str:
    """The supplier's name, or account as `@github/NAME`; "" where it is not known."""
    if package.type == "maven":
        return _of_group(package.namespace)
    if package.type == "golang":
        host, _, rest = f"{package.namespace}/{package.name}".partition("/")
        return _of_account(rest.partition("/")[0]) if host == "github.com" else ""
    return ""


def _of_group(group: str) -> str:
    for prefix in ("com.github.", "io.github."):
        if group.startswith(prefix):
            return _of_account(group.removeprefix(prefix).partition(".")[0])
    found = (name for known, name in _MAVEN if f"{group}.".startswith(f"{known}."))
    return next(found, "")


def _of_account(account: str) -> str:
    if not _ACCOUNT.match(account):
        return ""
    return FOUNDATION if account == "apache" else f"@github/{account}"
