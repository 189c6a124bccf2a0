"""Pages of committees, projects and policies."""
