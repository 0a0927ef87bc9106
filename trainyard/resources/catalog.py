"""The catalogue of everything a network can be made of."""

from __future__ import annotations

from trainyard.protocol import request as http
from trainyard.protocol.request import Call, path
from trainyard.results import Catalog


def catalog() -> Call[Catalog]:
    """The whole catalogue; ``client.catalog()``."""
    return Call(http.get(path("catalog")), Catalog.read)
