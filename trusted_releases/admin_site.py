"""The operators' console: the stock admin, under a name of ours."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig


class Console(AdminSite):
    """Django's admin with our title; look-only where the life cycle is."""

    site_header = settings.SITE_NAME
    site_title = f"{settings.SITE_NAME} console"
    index_title = "Console"
    enable_nav_sidebar = True


class Admin(AdminConfig):
    default_site = "trusted_releases.admin_site.Console"
