"""The pages of a release, one module for each step of its life."""
