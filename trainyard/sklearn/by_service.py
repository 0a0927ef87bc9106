"""Training as a job of a service."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainyard.client import Client
from trainyard.errors import Invalid, JobFailed
from trainyard.sklearn.network import WEIGHT, EpochLosses, Examples, Matrix, feature_names

ROWS_PER_CALL = 5_000


class ByService:
    """Trains where ``client`` leads: a client, or the address of a service."""

    def __init__(self, client: Client | str) -> None:
        self.client = client

    def train(self, members: Mapping[str, Any], examples: Examples) -> ServedNetwork:
        """The model of a job. Raises ValueError for what cannot be trained."""
        try:
            with _opened(self.client) as client:
                return self._train(client, members, examples)
        except (Invalid, JobFailed) as error:
            raise ValueError(str(error)) from error

    def _train(
        self, client: Client, members: Mapping[str, Any], examples: Examples
    ) -> ServedNetwork:
        dataset = client.datasets.create(
            content=_archive(examples),
            name="scikit-learn.npz",
            target=_one_or_all(examples.targets),
            task=examples.kind,
        )
        job = client.jobs.create(members, dataset=dataset).wait()
        losses = [
            EpochLosses(epoch.train["loss"], (epoch.validation or {}).get("loss"))
            for epoch in job.epochs()
        ]
        return ServedNetwork(self.client, job.id, job.model().id, losses)


class ServedNetwork:
    """A model of a service; what is pickled of it are the address and the ids, and no key."""

    def __init__(
        self, client: Client | str, job_id: str, model_id: str, losses: list[EpochLosses]
    ) -> None:
        self.client, self.job_id, self.model_id, self.losses = client, job_id, model_id, losses

    def answers(self, x: Matrix) -> NDArray[np.float64]:
        """Probabilities (rows, classes), or numbers (rows,) or (rows, targets)."""
        names = feature_names(x.shape[1])
        portions = (x[start : start + ROWS_PER_CALL] for start in range(0, len(x), ROWS_PER_CALL))
        with _opened(self.client) as client:
            told = [
                client.predictions.create(self.model_id, portion, columns=names)
                for portion in portions
            ]
        return np.concatenate(
            [
                np.asarray(each.predictions if each.probabilities is None else each.probabilities)
                for each in told
            ]
        )

    def __reduce__(self) -> tuple[Any, ...]:
        address = self.client if isinstance(self.client, str) else self.client.base_url
        return ServedNetwork, (address, self.job_id, self.model_id, self.losses)


def _opened(client: Client | str) -> AbstractContextManager[Client]:
    """The client itself, which whoever gave it closes, or one for this once."""
    return Client(client) if isinstance(client, str) else nullcontext(client)


def _archive(examples: Examples) -> bytes:
    file = BytesIO()
    weights: dict[str, Any] = {} if examples.weights is None else {WEIGHT: examples.weights}
    np.savez(file, x=examples.x, y=examples.y, **weights)
    return file.getvalue()


def _one_or_all(names: list[str]) -> str | list[str]:
    return names[0] if len(names) == 1 else names
