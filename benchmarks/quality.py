"""Held-out quality beside scikit-learn's networks: `python -m benchmarks.quality`.

Both get the same rows (split and standardized once, from the same seed), the same layers, Adam with
the same settings, the same mini-batches' size and as many epochs. What differs is what each library
does by itself: initial weights and the order of rows.
"""

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from benchmarks import report
from engine import (
    Adam,
    Dense,
    Model,
    NetworkSpec,
    NoValidation,
    Recipe,
    Table,
    Training,
    TrainingSpec,
    infer_task,
    outline,
    resolve,
)

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "quality.md"
TARGET = "target"

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Contest:
    """A data set, and the network and training that both are given."""

    load: Callable[..., tuple[NDArray[Any], NDArray[Any]]]
    hidden: tuple[int, ...]
    epochs: int
    learning_rate: float = 0.001
    batch_size: int = 32
    regression: bool = False


@dataclass(frozen=True)
class Rows:
    """Standardized inputs and targets, to train on and to judge by."""

    x: Numbers
    y: NDArray[Any]
    unseen_x: Numbers
    unseen_y: NDArray[Any]


CONTESTS = {
    "iris": Contest(datasets.load_iris, (16,), epochs=150, learning_rate=0.005, batch_size=16),
    "wine": Contest(datasets.load_wine, (16,), epochs=100, batch_size=16),
    "breast_cancer": Contest(datasets.load_breast_cancer, (32,), epochs=60),
    "digits": Contest(datasets.load_digits, (64, 32), epochs=40),
    "diabetes": Contest(datasets.load_diabetes, (16,), epochs=60, regression=True),
}


def split(contest: Contest, seed: int) -> Rows:
    """A quarter of the rows is unseen; of classes each gives its part."""
    x, y = contest.load(return_X_y=True)
    classes = None if contest.regression else y
    x, unseen_x, y, unseen_y = train_test_split(
        x, y, test_size=0.25, random_state=seed, stratify=classes
    )
    inputs = StandardScaler().fit(x)
    if contest.regression:
        targets = StandardScaler().fit(y[:, np.newaxis])
        y, unseen_y = (targets.transform(part[:, np.newaxis])[:, 0] for part in (y, unseen_y))
    return Rows(inputs.transform(x), y, inputs.transform(unseen_x), unseen_y)


def ours(contest: Contest, rows: Rows, seed: int) -> float:
    """The score of a network of the engine after the last epoch."""
    table = _table(rows.x, rows.y)
    task = infer_task(table, TARGET, "regression" if contest.regression else None)
    recipe = Recipe(
        network=NetworkSpec(layers=[Dense(units=units) for units in contest.hidden]),
        optimizer=Adam(learning_rate=contest.learning_rate),
        training=TrainingSpec(epochs=contest.epochs, batch_size=contest.batch_size, seed=seed),
        validation=NoValidation(),
    )
    plan = outline(resolve(recipe, task), table, task)
    training = Training(plan, table)
    for _ in training.events():
        pass
    model = Model.from_state(plan.recipe, task, plan.preprocessor, training.snapshot())
    answers = model.predict(_table(rows.unseen_x, rows.unseen_y)).values
    return _score(contest, rows.unseen_y, np.array(answers))


def theirs(contest: Contest, rows: Rows, seed: int) -> float:
    """The score of scikit-learn's network, without its penalty and its stopping."""
    network = (MLPRegressor if contest.regression else MLPClassifier)(
        hidden_layer_sizes=contest.hidden,
        alpha=0.0,
        batch_size=contest.batch_size,
        learning_rate_init=contest.learning_rate,
        max_iter=contest.epochs,
        n_iter_no_change=contest.epochs,
        tol=0.0,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(rows.x, rows.y)
    return _score(contest, rows.unseen_y, network.predict(rows.unseen_x))


def _table(x: Numbers, y: NDArray[Any]) -> Table:
    return Table.from_columns({**{f"x{j}": x[:, j] for j in range(x.shape[1])}, TARGET: y})


def _score(contest: Contest, truth: NDArray[Any], answers: NDArray[Any]) -> float:
    return float((r2_score if contest.regression else accuracy_score)(truth, answers))


def run(name: str, seeds: int) -> dict[str, list[float]]:
    """The scores of both from every seed."""
    contest = CONTESTS[name]
    parts = [split(contest, seed) for seed in range(seeds)]
    return {
        who.__name__: [who(contest, rows, seed) for seed, rows in enumerate(parts)]
        for who in (ours, theirs)
    }


def row(name: str, scores: dict[str, list[float]]) -> list[str]:
    """A line of the table; "yes" if ours is no worse than theirs by one standard deviation."""
    contest = CONTESTS[name]
    our, their = scores["ours"], scores["theirs"]
    good = mean(our) >= mean(their) - stdev(their)
    layers = "-".join(map(str, contest.hidden))
    what = "R²" if contest.regression else "accuracy"
    return [name, layers, what, _spread(our), _spread(their), "yes" if good else "**no**"]


def _spread(scores: list[float]) -> str:
    return f"{mean(scores):.4f} ± {stdev(scores):.4f}"


def page(headings: list[str], rows: list[list[str]], seeds: int) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    versions = report.machine()["versions"]
    return f"""# Quality beside scikit-learn

The five data sets that scikit-learn brings along, each split {seeds} times, from {seeds} seeds,
into three quarters to train on and a quarter to judge by: mean and standard deviation of the score
on that quarter. `MLPClassifier` and `MLPRegressor` (scikit-learn {versions["scikit-learn"]}) and
our engine get the same rows, layers (ReLU), Adam with the same rate, mini-batch size and number of
epochs, and no penalty. What differs is what each library does by itself: initial weights, and the
order of rows. At least as good means: no worse than scikit-learn's mean by one standard deviation.

{table}

`make bench-quality` measures this anew and writes this page.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--sets", nargs="+", choices=CONTESTS, default=list(CONTESTS))
    arguments = parser.parse_args()
    results = {name: run(name, arguments.seeds) for name in arguments.sets}
    headings = ["data", "hidden layers", "score", "Trainyard", "scikit-learn", "at least as good"]
    rows = [row(name, scores) for name, scores in results.items()]
    report.show(f"Unseen rows, {arguments.seeds} seeds", headings, rows)
    print(f"Written to {report.save('quality', results).relative_to(ROOT)}")
    if list(results) == list(CONTESTS):
        PAGE.write_text(page(headings, rows, arguments.seeds), encoding="utf-8")


if __name__ == "__main__":
    main()
