"""Endpoints about checks: what they found, how many are under way, and what is ignored."""
