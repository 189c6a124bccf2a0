"""The rules of one release: what it says itself stands above what its project says."""

from projects.views import policy as pages
from releases.models import Release
from releases.views.common import OneRelease


class InRelease(OneRelease, pages.OfPlace):
    names = ("releases:policy", "releases:change-policy", "releases:preview-policy")


class PolicyPage(InRelease, pages.Page):
    """What holds for this release, and where it comes from."""

    template_name = "releases/policy.html"


class ChangePolicy(InRelease, pages.Change):
    """What this release says itself, such as other lists for its vote."""

    policy = "projects.change_policy"
    template_name = "releases/change_policy.html"
    whole = False
    object: Release


class PreviewPolicy(pages.Preview, ChangePolicy):
    """The mails of a release."""
