"""The engine beside its peers, in one interleaved run: `python -m benchmarks.engine`.

Writes results/engine.json with every measurement, its tables (engine.md) and a picture
(engine.svg), and prints the tables.
"""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.case import Case, plain
from benchmarks.measuring import ONE_THREAD, Effort, measure, settings
from benchmarks.plot import plot
from benchmarks.results import Measurement, Results
from benchmarks.roster import LIMIT, OURS, ROSTER, installed
from benchmarks.seat import THREAD_VARIABLES
from benchmarks.shapes import SHAPES
from benchmarks.tables import tables
from benchmarks.variants import variants

__all__ = ["THREAD_VARIABLES", "main"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shapes", nargs="*", choices=SHAPES, default=list(SHAPES))
    names = [case.name for case in variants()]
    parser.add_argument("--variants", nargs="*", choices=names, default=names, metavar="NAME")
    peers = [name for name in ROSTER if name not in {OURS, LIMIT}]
    parser.add_argument("--contestants", nargs="*", choices=[*peers, LIMIT], default=None)
    parser.add_argument("--rounds", type=int, default=5, help="turns of every contestant")
    parser.add_argument("--quick", action="store_true", help="short turns in two rounds")
    parser.add_argument("--name", default="engine", help="of the files in results/")
    parser.add_argument("--redraw", action="store_true", help="measure nothing, show the file")
    return parser.parse_args()


def run(given: argparse.Namespace) -> Results:
    """Measure everything that was asked for."""
    rounds = min(given.rounds, 2) if given.quick else given.rounds
    effort = Effort(rounds=rounds, seconds=0.1 if given.quick else 0.3)
    contestants = installed(given.contestants)
    for missing in set(given.contestants or ROSTER) - {each.name for each in contestants}:
        print(f"{missing} is left out: {ROSTER[missing].package} is missing", file=sys.stderr)
    shapes = [plain(SHAPES[name]) for name in given.shapes]
    varied = [case for case in variants() if case.name in given.variants]
    found: list[Measurement] = []
    for case in shapes:
        found += measure(case, contestants, settings(), effort, warm=True)
    for case in varied:
        found += measure(case, [c for c in contestants if c.name != LIMIT], ONE_THREAD, effort)
    cases: list[Case] = [*shapes, *varied]
    return Results(
        machine=report.machine(),
        settings=described(effort),
        cases=[case.to_json() for case in cases],
        measurements=found,
    )


def described(effort: Effort) -> dict[str, Any]:
    return {"rounds": effort.rounds, "seconds_of_a_turn": effort.seconds}


def show(results: Results, path: Path) -> None:
    """Print the tables, and write them and the picture beside the file."""
    grids = tables(results)
    for grid in grids:
        report.show(*grid)
    text = "\n".join(report.markdown(*grid) for grid in grids)
    path.with_suffix(".md").write_text(text, encoding="utf-8")
    if find_spec("matplotlib"):
        plot(results, path.with_suffix(".svg"))
    else:
        print("No picture: matplotlib is missing", file=sys.stderr)


def main() -> None:
    given = arguments()
    path = report.RESULTS / f"{given.name}.json"
    results = Results.load(path) if given.redraw else run(given)
    if not given.redraw:
        results.save(path)
    show(results, path)
    print(f"Written to {path.parent.name}/{path.stem}.json, .md and .svg")


if __name__ == "__main__":
    main()
