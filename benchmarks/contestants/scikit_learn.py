"""scikit-learn's MLPClassifier: one `partial_fit` is one epoch."""

import warnings
from collections.abc import Iterator
from itertools import count
from time import perf_counter
from typing import Any

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.case import Case
from benchmarks.contestants.base import Epoch
from benchmarks.handed import Handed


def build(case: Case, **settings: Any) -> MLPClassifier:
    """The network and its optimizer.

    The library's penalty is alpha / 2 times the squared norm, divided by the mini-batch's rows.
    """
    members, shape = case.optimizer, case.shape
    alpha = 2 * case.strength * shape.batch_size if case.penalty == "l2" else 0.0
    own = {
        "adam": ("beta_1", "beta1"),
        "sgd": ("momentum", "momentum"),
    }
    keyword, member = own[members["kind"]]
    return MLPClassifier(
        hidden_layer_sizes=shape.hidden,
        activation=shape.activation,
        solver=members["kind"],
        batch_size=shape.batch_size,
        learning_rate_init=members["learning_rate"],
        alpha=alpha,
        nesterovs_momentum=bool(members.get("nesterov")),
        random_state=0,
        **{keyword: members[member]},
        **settings,
    )


class ScikitLearn:
    """It draws its own initial weights; only without shuffling it is given those of the others.

    Its losses contain the penalty, where there is one: they are not comparable then.
    """

    def __init__(self, handed: Handed) -> None:
        warnings.simplefilter("ignore", ConvergenceWarning)
        self._handed = handed

    def train(self, *, shuffle: bool) -> Iterator[Epoch]:
        yield from self._shuffled() if shuffle else self._from_given_weights()

    def _shuffled(self) -> Iterator[Epoch]:
        case, inputs, labels = self._handed.case, self._handed.inputs, self._handed.labels
        network, classes = build(case), list(range(case.shape.classes))
        while True:
            start = perf_counter()
            network.partial_fit(inputs, labels, classes=classes)
            yield Epoch(perf_counter() - start, float(network.loss_))

    def _from_given_weights(self) -> Iterator[Epoch]:
        """A warm start makes a new optimizer for whatever weights it finds, so all anew each time.

        Every epoch is the last one of a training that is one epoch longer than the one before.
        """
        inputs, labels = self._handed.inputs, self._handed.labels
        for epochs in count(1):
            network = build(self._handed.case, shuffle=False, warm_start=True, max_iter=1)
            network.fit(inputs, labels)
            for own, given in zip(network.coefs_, self._handed.weights, strict=True):
                own[:] = given.T
            for bias in network.intercepts_:
                bias[:] = 0
            start = perf_counter()
            network.set_params(max_iter=epochs, n_iter_no_change=epochs + 1)
            network.fit(inputs, labels)
            seconds = perf_counter() - start
            yield Epoch(seconds, None if network.alpha else float(network.loss_))


TRAINER = ScikitLearn
