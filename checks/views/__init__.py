"""The pages about checks, a file a subject."""
