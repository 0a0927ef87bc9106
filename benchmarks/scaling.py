"""How time per epoch grows with the size of the task: `python -m benchmarks.scaling`.

One thing is varied at a time, around one middle network, on one thread. Writes
results/scaling.json, .md and a log-log picture (.svg).
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from math import log
from pathlib import Path
from statistics import linear_regression
from typing import NamedTuple

from benchmarks import figures, report
from benchmarks.case import Case, plain
from benchmarks.measuring import ONE_THREAD, Effort, measure
from benchmarks.results import Results
from benchmarks.roster import OURS, ROSTER, installed
from benchmarks.shapes import Shape
from benchmarks.tables import Grid, number

MIDDLE = Shape(
    name="middle",
    inputs=64,
    hidden=(64, 64),
    outputs=10,
    batch_size=64,
    rows=4_096,
    activation="relu",
)
VALUES = {
    "rows": (1_024, 4_096, 16_384, 65_536),
    "width": (16, 64, 256, 1_024),
    "depth": (1, 2, 4, 8),
    "batch size": (8, 32, 128, 512),
}


class Point(NamedTuple):
    """One value of what is varied, and one contestant's seconds per epoch there."""

    value: int
    seconds: float


def varied(axis: str, value: int) -> Shape:
    """The middle network with one thing changed."""
    changes = {
        "rows": {"rows": value},
        "width": {"hidden": (value,) * len(MIDDLE.hidden)},
        "depth": {"hidden": MIDDLE.hidden[:1] * value},
        "batch size": {"batch_size": value},
    }
    return replace(MIDDLE, name=f"{axis} {value}", **changes[axis])  # type: ignore[arg-type]


def cases(axis: str) -> list[Case]:
    return [plain(varied(axis, value)) for value in VALUES[axis]]


def points(results: Results, axis: str, contestant: str) -> list[Point]:
    """Of one curve, from left to right."""
    found = {
        one.case: figures.epoch_seconds(one).median
        for one in results.measurements
        if one.contestant == contestant
    }
    values = {f"{axis} {value}": value for value in VALUES[axis]}
    return [Point(values[name], found[name]) for name in values if name in found]


def exponent(curve: Sequence[Point]) -> float:
    """The slope in the log-log picture: 1 is growth in proportion, 0 none."""
    return linear_regression(
        [log(point.value) for point in curve], [log(point.seconds) for point in curve]
    ).slope


def grid(results: Results, axis: str) -> Grid:
    """A row for each value, a column for each contestant, the slope below."""
    curves = {name: points(results, axis, name) for name in ROSTER}
    curves = {name: curve for name, curve in curves.items() if len(curve) > 1}
    rows = [
        [str(point.value), *(number(1e3 * curve[place].seconds) for curve in curves.values())]
        for place, point in enumerate(curves[OURS])
    ]
    rows.append(["exponent", *(f"{exponent(curve):.2f}" for curve in curves.values())])
    title = f"Milliseconds per epoch by {axis}, one thread"
    return Grid(title, [axis, *(ROSTER[name].title for name in curves)], rows)


def measured(axes: Sequence[str], contestants: list[str] | None, rounds: int) -> Results:
    taking_part = installed(contestants)
    varied_cases = [case for axis in axes for case in cases(axis)]
    effort = Effort(rounds=rounds, seconds=0.2)
    found = [
        each
        for case in varied_cases
        for each in measure(case, taking_part, ONE_THREAD, effort, compare=False)
    ]
    return Results(
        machine=report.machine(),
        settings={"rounds": effort.rounds, "seconds_of_a_turn": effort.seconds},
        cases=[case.to_json() for case in varied_cases],
        measurements=found,
    )


def show(results: Results, path: Path) -> None:
    """Print the tables, and write them and the picture beside the file."""
    names = {case["name"].rpartition(" ")[0] for case in results.cases}
    grids = [grid(results, axis) for axis in VALUES if axis in names]
    for each in grids:
        report.show(*each)
    text = "\n".join(report.markdown(*each) for each in grids)
    path.with_suffix(".md").write_text(text, encoding="utf-8")
    if find_spec("matplotlib"):
        from benchmarks.plot import curves

        panels = {
            axis: {name: points(results, axis, name) for name in ROSTER}
            for axis in VALUES
            if axis in names
        }
        curves(panels, path.with_suffix(".svg"))
    else:
        print("No picture: matplotlib is missing", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--axes", nargs="+", choices=VALUES, default=list(VALUES))
    peers = [name for name in ROSTER if name != OURS]
    parser.add_argument("--contestants", nargs="*", choices=peers, default=None)
    parser.add_argument("--rounds", type=int, default=3, help="turns of every contestant")
    given = parser.parse_args()
    path = report.RESULTS / "scaling.json"
    results = measured(given.axes, given.contestants, given.rounds)
    results.save(path)
    show(results, path)


if __name__ == "__main__":
    main()
