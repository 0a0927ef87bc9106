"""How much work one request may ask for: a worker thread is held for a few seconds at most.

Work is counted in multiply-adds, of which a core does more than a billion in a second.
"""

from engine.insight.study import InspectedModel
from service.http.errors import Invalid

__all__ = ["WORK", "affordable_passes", "check_memory", "check_work", "usual_rows"]

WORK = 3_000_000_000
PER_PASS = 50_000
"""What a pass costs besides its rows."""
MIN_ROWS, MAX_ROWS = 16, 1000
LARGEST = 100_000_000
"""Numbers that a request may have in memory."""


def check_work(passes: int, rows: int, study: InspectedModel, pointer: str, advice: str) -> None:
    """Raise Invalid if so many passes of so many rows through the network are too much."""
    if passes * (rows * study.work_per_row + PER_PASS) > WORK:
        raise Invalid.at(
            pointer,
            f"This would take too long: {rows:,} rows go {passes:,} times through a network with "
            f"{study.network.parameters:,} parameters. {advice}",
        )


def usual_rows(passes: int, study: InspectedModel) -> int:
    """How many rows are taken where the request does not say it, if there are that many.

    As many as may go so many times through the network, but enough to mean something: where these
    are too many, the request must ask for less.
    """
    affordable = max(0, WORK // passes - PER_PASS) // study.work_per_row
    return min(max(affordable, MIN_ROWS), MAX_ROWS)


def affordable_passes(rows: int, study: InspectedModel) -> int:
    """How often so many rows may go through the network; may be never."""
    return WORK // (rows * study.work_per_row + PER_PASS)


def check_memory(numbers: int, study: InspectedModel, pointer: str = "", advice: str = "") -> None:
    """Raise Invalid if so many numbers are too much: the network is too large to look into."""
    if numbers > LARGEST:
        raise Invalid.at(
            pointer,
            f"A network with {study.network.parameters:,} parameters, and an optimizer that "
            f"remembers {len(study.recipe.optimizer.slots())} numbers for each, is too large to "
            f"be looked into over HTTP.{advice}",
        )
