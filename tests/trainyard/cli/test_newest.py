"""Lists of models and datasets: what is cut where there is no room, and what never is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from typer.testing import Result

from trainyard import Client
from trainyard.cli.newest import Fact, as_table
from trainyard.results import Dataset

NAME = "a name that is longer than anybody would like it to be on a line"
FACTS: list[Fact[Dataset]] = [
    Fact("rows", lambda dataset: f"{dataset.rows:,}", is_text=False),
    Fact("target", lambda _: "y", needs_room=True),
]


@pytest.mark.parametrize("columns", [60, 80, 1000])
def test_ids_are_whole_and_names_have_what_room_is_left(
    columns: int, run: Callable[..., Result], service: Client
) -> None:
    rows = [{"x": float(n), "y": 2.0 * n + columns} for n in range(30)]
    dataset = service.datasets.create(rows=rows, target="y", name=NAME)
    got = run("datasets", "list", "--limit", 1, columns=columns)  # others have widths of their own
    assert got.exit_code == 0, got.output
    (line,) = [line for line in got.stdout.splitlines() if dataset.id in line]
    assert len(line) <= columns
    assert (NAME in line) == (columns == 1000)
    assert "a name that is" in line
    assert ("…" in line) == (columns < 1000)
    assert " 30 " in f"{line} "


def test_a_short_text_leaves_its_room_to_a_long_one() -> None:
    dataset = Dataset(id="ds_1", name=NAME, rows=1234)
    table = as_table("dataset", [dataset], FACTS, 94, datetime.now(UTC))
    assert [column.header for column in table.columns] == [
        "dataset",
        "name",
        "rows",
        "target",
        "made",
    ]
    assert [column.width for column in table.columns] == [7, 64, 5, 6, 4]
    narrow = as_table("dataset", [dataset], FACTS, 40, datetime.now(UTC))
    assert [column.width for column in narrow.columns] == [7, 24, 5]
