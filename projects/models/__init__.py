"""People, committees and projects: who releases what, by which rules."""

from projects.models.mail_templates import VARIABLES
from projects.models.people import Committee, Membership, User
from projects.models.project import Cycle, LicenseMode, Policy, Project

__all__ = [
    "VARIABLES",
    "Committee",
    "Cycle",
    "LicenseMode",
    "Membership",
    "Policy",
    "Project",
    "User",
]
