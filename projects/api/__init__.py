"""Endpoints about committees, projects, their policies and people, and what these answer with."""

from projects.api.places import CommitteeItem, ProjectItem, find_committee, find_project

__all__ = ["CommitteeItem", "ProjectItem", "find_committee", "find_project"]
