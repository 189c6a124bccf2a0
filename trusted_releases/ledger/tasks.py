"""The ledger's own jobs."""
