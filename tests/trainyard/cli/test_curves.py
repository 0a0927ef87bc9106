"""Curves drawn in characters."""

from __future__ import annotations

import pytest

from trainyard.cli.curves import Points, chart, mark, sparkline


@pytest.mark.parametrize(
    ("points", "drawn"),
    [
        ([], ""),
        ([(1, 5.0)], "▁"),
        ([(1, None)], "?"),
        ([(1, 0.0), (2, 7.0)], "▁█"),
        ([(place, float(place)) for place in range(8)], "▁▂▃▄▅▆▇█"),
        ([(place, 2.0**-place) for place in range(8)], "█▇▆▅▄▃▂▁"),  # equal factors, equal steps
        ([(1, 1.0), (2, None), (3, 2.0)], "▁?█"),
        ([(1, 0.0), (6, 1.0), (7, 1.5), (8, 2.0)], "▁▁▅█"),  # a gap goes on
    ],
)
def test_a_sparkline(points: Points, drawn: str) -> None:
    assert sparkline(points, 8) == drawn


def test_many_values_in_few_characters() -> None:
    assert sparkline([(place, float(place)) for place in range(801)], 9) == "▁▂▃▄▅▆▇██"


def test_curves_on_one_scale() -> None:
    assert sparkline([(1, 0.0), (2, 3.5)], 8, within=(0.0, 7.0)) == "▁▅"


def drawn(curves: list[Points], width: int, height: int) -> list[str]:
    lines = chart(curves, width, height)
    return ["".join(" " if cell is None else mark(cell) for cell in line) for line in lines]


def test_curves_in_one_chart() -> None:
    down: Points = [(1, 5.0), (5, 1.0)]
    up: Points = [(1, 1.0), (3, 3.0)]
    assert drawn([down, up], 5, 5) == ["A    ", " A   ", "  *  ", " B A ", "B   A"]


def test_a_chart_of_nothing() -> None:
    assert drawn([[], [(1, None)]], 4, 2) == [" " * 4] * 2
