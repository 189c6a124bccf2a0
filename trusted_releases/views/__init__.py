"""Pages that belong to no single app: they put together what the apps know."""
