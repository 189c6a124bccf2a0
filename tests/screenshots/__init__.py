"""Pictures of the running product: those of the guides, or all pages for people to look through."""
