"""scikit-learn's MLPClassifier: one `partial_fit` is one epoch."""

from collections.abc import Iterator
from time import perf_counter

from sklearn.neural_network import MLPClassifier

from benchmarks.shapes import Shape


def epochs(shape: Shape) -> Iterator[float]:
    """Seconds of one epoch after another."""
    inputs, labels = shape.data()
    classes = list(range(shape.classes))
    network = MLPClassifier(
        hidden_layer_sizes=shape.hidden,
        activation=shape.activation,
        batch_size=shape.batch_size,
        learning_rate_init=0.001,
        alpha=0.0,
        random_state=0,
    )
    while True:
        start = perf_counter()
        network.partial_fit(inputs, labels, classes=classes)
        yield perf_counter() - start
