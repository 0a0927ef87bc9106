"""The service itself: whether it is ready, and what networks can be made of."""

from typing import Any

from trainyard.records.base import Result

__all__ = ["Catalog", "Readiness"]


class Readiness(Result):
    """The service can do its work."""

    status: str
    version: str = ""
    database: str = ""


class Catalog(Result):
    """Every family of specs ("optimizer", "layer", ...) with the description of its members."""

    families: dict[str, list[dict[str, Any]]]
