"""People, committees and projects: who releases what, by which rules."""

from projects.models.people import Committee, Membership, User
from projects.models.project import VARIABLES, Cycle, Policy, Project

__all__ = ["VARIABLES", "Committee", "Cycle", "Membership", "Policy", "Project", "User"]
