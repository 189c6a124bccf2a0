"""Endpoints about credentials: access tokens, OpenPGP keys, SSH keys."""
