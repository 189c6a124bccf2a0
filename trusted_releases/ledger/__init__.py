"""The ledger: what happened, what must follow, and a log that proves the first."""
