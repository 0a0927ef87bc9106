"""The two estimators, and what they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from trainyard.client import Client
from trainyard.extras import require_server
from trainyard.sklearn.network import Examples, Trainer
from trainyard.sklearn.parameters import job_members
from trainyard.sklearn.weights import class_weighting, weighed

SEEDS = 2**31 - 1


class _Estimator(BaseEstimator):
    """A network between a matrix and an answer."""

    def __init__(
        self,
        hidden_layer_sizes: Iterable[int] = (100,),
        activation: str | Mapping[str, Any] = "relu",
        *,
        optimizer: str | Mapping[str, Any] = "adam",
        learning_rate: float | None = None,
        schedule: str | Mapping[str, Any] | None = None,
        alpha: float = 0.0,
        dropout: float = 0.0,
        batch_size: int = 32,
        max_epochs: int = 200,
        early_stopping: bool = False,
        validation_fraction: float = 0.2,
        patience: int = 10,
        recipe: Mapping[str, Any] | None = None,
        random_state: int | np.random.RandomState | None = None,
        threads: int | None = None,
        client: Client | str | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.alpha = alpha
        self.dropout = dropout
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.recipe = recipe
        self.random_state = random_state
        self.threads = threads
        self.client = client

    def __getstate__(self) -> dict[str, Any]:
        """A client is left behind; where it led to stays."""
        state: dict[str, Any] = super().__getstate__()
        client = state["client"]
        return state | ({"client": client.base_url} if isinstance(client, Client) else {})

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True  # a missing value, which the network's preprocessing fills
        return tags

    def _validated(self, *data: Any, **checks: Any) -> Any:
        """X, or X and y, checked and as arrays."""
        return validate_data(
            self,
            *data,
            dtype=[np.float64, np.float32],
            ensure_all_finite="allow-nan",
            **checks,
        )

    def _learn(self, examples: Examples, weighting: Mapping[str, Any]) -> None:
        seed = int(check_random_state(self.random_state).randint(SEEDS))
        members = job_members(self, seed, {**examples.weighting, **weighting})
        self.network_ = self._trainer().train(members, examples)
        losses = self.network_.losses
        self.loss_curve_ = [epoch.train for epoch in losses]
        unseen = [epoch.validation for epoch in losses if epoch.validation is not None]
        self.validation_loss_curve_ = unseen or None
        self.n_iter_ = len(losses)

    def _trainer(self) -> Trainer:
        if self.client is None:
            require_server("Training in this process")
            from trainyard.sklearn.in_process import InProcess

            return InProcess(self.threads)
        from trainyard.sklearn.by_service import ByService

        return ByService(self.client)

    def _answers(self, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self)
        answers: NDArray[np.float64] = self.network_.answers(self._validated(X, reset=False))
        return answers


class TrainyardClassifier(ClassifierMixin, _Estimator):
    """A network that tells classes apart.

    ``hidden_layer_sizes`` and ``activation`` make the layers, with ``dropout`` behind each;
    ``alpha`` is the strength of an L2 penalty. ``activation``, ``optimizer`` and ``schedule`` take
    a kind of the catalogue ("adam") or a mapping with its settings; ``learning_rate`` is the
    optimizer's own where it is None. With ``early_stopping`` the part ``validation_fraction`` of
    the rows is held out, and training stops after ``patience`` epochs without an improvement;
    anyhow the network is the one of its best epoch. ``class_weight`` are factors for the loss by
    class, or "balanced", with which all classes count alike. ``recipe`` are members of a job (see
    ``client.jobs.create``) that replace what follows from the others; of ``training`` and
    ``weighting`` only what is given. ``client`` is a :class:`trainyard.Client`, or an address, to
    train and predict there instead of in this process, with ``threads`` threads. Rows may have
    missing values (NaN).

    Weights are scaled to a mean of 1 over the training rows; rows of weight 0 are left out before
    anything else. A row of weight 2 counts in the loss like two, and is one for preprocessing, for
    mini-batches and for what is held out. So ``fit`` does not call them ``sample_weight``: by that
    name scikit-learn expects the very model of a row that is there twice.

    Once fitted: ``classes_``, ``n_iter_`` (epochs), ``loss_curve_``, ``validation_loss_curve_``
    (None without early stopping), ``network_``, ``n_features_in_``, ``feature_names_in_``.
    """

    def __init__(
        self,
        hidden_layer_sizes: Iterable[int] = (100,),
        activation: str | Mapping[str, Any] = "relu",
        *,
        optimizer: str | Mapping[str, Any] = "adam",
        learning_rate: float | None = None,
        schedule: str | Mapping[str, Any] | None = None,
        alpha: float = 0.0,
        dropout: float = 0.0,
        batch_size: int = 32,
        max_epochs: int = 200,
        early_stopping: bool = False,
        validation_fraction: float = 0.2,
        patience: int = 10,
        class_weight: str | Mapping[Any, float] | None = None,
        recipe: Mapping[str, Any] | None = None,
        random_state: int | np.random.RandomState | None = None,
        threads: int | None = None,
        client: Client | str | None = None,
    ) -> None:
        super().__init__(
            hidden_layer_sizes,
            activation,
            optimizer=optimizer,
            learning_rate=learning_rate,
            schedule=schedule,
            alpha=alpha,
            dropout=dropout,
            batch_size=batch_size,
            max_epochs=max_epochs,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            patience=patience,
            recipe=recipe,
            random_state=random_state,
            threads=threads,
            client=client,
        )
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, row_weights: Any = None) -> Self:
        """Train from nothing; ``row_weights`` (rows,) are factors for the loss of each row.

        Raises ValueError for what cannot be trained.
        """
        x, y = self._validated(X, y, ensure_min_samples=2)
        check_classification_targets(y)
        x, y, weights = weighed(x, column_or_1d(y, warn=True), row_weights)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y holds only one class, {self.classes_[0]!r}: nothing can be learnt")
        weighting = class_weighting(self.class_weight, self.classes_, y)
        self._learn(Examples(x, codes, "classification", weights), weighting)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probabilities (rows, classes), in the order of ``classes_``."""
        told = self._answers(X)
        told /= told.sum(axis=1, keepdims=True)  # the network rounds to its own precision
        return told

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of every row."""
        best: NDArray[Any] = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])


class TrainyardRegressor(RegressorMixin, _Estimator):
    """A network that tells a number, or several.

    The parameters are those of :class:`TrainyardClassifier`, without ``class_weight``. Once fitted:
    ``n_iter_`` (epochs), ``loss_curve_`` and ``validation_loss_curve_`` (of the scaled target),
    ``network_``, ``n_features_in_``, ``feature_names_in_``.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, row_weights: Any = None) -> Self:
        """Train from nothing; ``row_weights`` (rows,) are factors for the loss of each row.

        Raises ValueError for what cannot be trained.
        """
        x, y = self._validated(X, y, ensure_min_samples=2, multi_output=True, y_numeric=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        x, y, weights = weighed(x, y, row_weights)
        self._learn(Examples(x, y, "regression", weights), {})
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """A number for every row, (rows,), or all of several, (rows, targets)."""
        return self._answers(X)
