"""Calls for the catalogue of everything a network can be made of."""

from __future__ import annotations

from trainyard.protocol import request as http
from trainyard.protocol.request import Call, path
from trainyard.records import Catalog


class CatalogCalls:
    """What ``client.catalog`` asks for."""

    @staticmethod
    def get() -> Call[Catalog]:
        """Every layer, optimizer, loss and so on there is, with bounds, defaults and equations."""
        return Call(http.get(path("catalog")), Catalog.read)
