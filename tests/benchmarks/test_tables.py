import pytest

from benchmarks import report
from benchmarks.roster import LIMIT, OURS
from benchmarks.tables import Grid, milliseconds, number, tables
from tests.benchmarks.made import NOISY, TINY, WIDE, measured, results


def run() -> list[Grid]:
    """Two shapes with a peer and the limit, in every mode, and a variant."""
    measurements = []
    for case, peer in ((TINY, 4.0), (WIDE, 2.0)):
        measurements += [
            measured(case, OURS, [1.0], losses=[1.0]),
            measured(case, "pytorch", [peer], losses=[1.0]),
            measured(case, LIMIT, [0.95]),
            measured(case, OURS, [1.0], [1.0]),
            measured(case, "pytorch", [1.0], [1.0]),
        ]
    measurements += [measured(NOISY, OURS, [1.0]), measured(NOISY, "pytorch", [0.5])]
    return tables(results([TINY, WIDE, NOISY], measurements))


def row(grids: list[Grid], title: str, name: str) -> list[str]:
    (grid,) = [grid for grid in grids if grid.title.startswith(title)]
    (found,) = [cells for cells in grid.rows if cells[0].startswith(name)]
    return found


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.012345, "0.0123"), (1.2345, "1.23"), (12.345, "12.3"), (123.45, "123"), (12345, "12,345")],
)
def test_numbers_have_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_spreads_are_shares_of_the_median() -> None:
    turns = measured(TINY, OURS, [0.9, 0.9, 1.0, 1.1, 1.1], threads=2)
    assert milliseconds(turns) == "1,000 ±10% /2"


def test_each_shape_is_compared_with_the_best_peer() -> None:
    grids = run()
    title = "One job on the whole machine, milliseconds"
    assert row(grids, title, "tiny")[-1] == "4.00x"
    assert row(grids, title, "wide")[-1] == "2.00x"
    assert row(grids, title, "geometric mean")[-1] == "2.83x"
    assert row(grids, "Variants", "dropout")[-1] == "0.50x"


def test_goals_say_what_is_missed() -> None:
    grids = run()
    assert row(grids, "Goals", "whole machine: geometric")[1:] == ["2.83", "1.50", "yes"]
    assert row(grids, "Goals", "one job per core: geometric")[1:] == ["1.00", "1.50", "NO"]
    assert row(grids, "Goals", "wide")[1:] == ["0.95", "0.90", "yes"]


def test_without_peers_nothing_is_compared() -> None:
    grids = tables(results([TINY], [measured(TINY, OURS, [1.0])]))
    assert row(grids, "One job on the whole machine, milliseconds", "tiny")[-1] == ""
    assert not [grid for grid in grids if grid.title == "Goals"]


def test_every_row_is_as_wide_as_its_table() -> None:
    for grid in run():
        assert {len(cells) for cells in grid.rows} == {len(grid.columns)}


def test_markdown_has_a_line_for_every_row() -> None:
    text = report.markdown("Title", ["", "a"], [["x", "1"], ["y", "2"]])
    assert text == "## Title\n\n|  | a |\n| --- | ---: |\n| x | 1 |\n| y | 2 |\n"
