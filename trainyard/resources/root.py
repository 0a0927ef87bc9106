"""Everything that a client offers."""

from __future__ import annotations

from trainyard.protocol.request import Call, Request
from trainyard.records import Readiness
from trainyard.resources.base import Resource, S, operation
from trainyard.resources.catalog import Catalogue
from trainyard.resources.datasets import Datasets
from trainyard.resources.descents import Descents
from trainyard.resources.jobs import Jobs
from trainyard.resources.models import Models
from trainyard.resources.predictions import Predictions


class Root(Resource[S]):
    """The groups of operations, and what belongs to none of them."""

    def __init__(self, sender: S) -> None:
        super().__init__(sender)
        self.catalog: Catalogue[S] = Catalogue(sender)
        self.datasets: Datasets[S] = Datasets(sender)
        self.descents: Descents[S] = Descents(sender)
        self.jobs: Jobs[S] = Jobs(sender)
        self.models: Models[S] = Models(sender)
        self.predictions: Predictions[S] = Predictions(sender)

    @operation
    @staticmethod
    def ready() -> Call[Readiness]:
        """Whether the service can do its work; raises Unavailable if it cannot."""
        return Call(Request("GET", "/readyz"), Readiness.read)
