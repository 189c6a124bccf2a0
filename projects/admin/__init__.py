"""People, committees and projects for operators. What they change leaves events, as verbs do."""

from projects.admin import credentials, people, places

__all__ = ["credentials", "people", "places"]
