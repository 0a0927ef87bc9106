"""Queries and changes, one file per resource; sessions come from the caller, who commits.

`jobs`, `datasets`, `epochs`, `transitions`, `checkpoints`, `models`, `events`, `idempotency` are
what the API reads and writes; `leases` is what workers go through for every write of theirs.
"""
