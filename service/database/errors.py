"""What a repository refuses.

RepositoryError
+-- RowNotFound       there is no such row
+-- Conflict       the row is in a state that does not allow this
+-- LeaseLost      the attempt that writes is not the current one any more
"""

from __future__ import annotations


class RepositoryError(Exception):
    """The base of what repositories raise."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RowNotFound(RepositoryError):
    """There is no such row."""


class Conflict(RepositoryError):
    """The row is in a state that does not allow this; the message says what to do."""


class LeaseLost(RepositoryError):
    """The attempt that writes is not the job's current one: it must stop and change nothing."""
