"""Endpoints about releases, the objects that they answer with, and how these are found."""
