"""People, committees and projects: who releases what, by which rules."""

from projects.models.banner import Banner
from projects.models.mail_templates import VARIABLES
from projects.models.people import Committee, Membership, User
from projects.models.policy import Policy
from projects.models.project import Cycle, Project
from projects.models.recipients import Recipients
from projects.models.rules import Rules
from projects.models.workflow import Workflow
from projects.phases import LicenseMode, VoteMode

__all__ = [
    "VARIABLES",
    "Banner",
    "Committee",
    "Cycle",
    "LicenseMode",
    "Membership",
    "Policy",
    "Project",
    "Recipients",
    "Rules",
    "User",
    "VoteMode",
    "Workflow",
]
