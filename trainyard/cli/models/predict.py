"""The command that asks a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli.files import read_rows
from trainyard.cli.lookup import find_model
from trainyard.cli.options import Checkpoint, Json, ModelName, Url
from trainyard.cli.output import connected, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.client import Client
    from trainyard.results import Model, Predictions

ROWS_PER_CALL = 10_000


def predict(
    model: ModelName,
    file: Annotated[
        Path,
        typer.Option("--file", "-f", help="Rows as JSON, JSON Lines or CSV; - reads stdin."),
    ],
    *,
    checkpoint: Checkpoint = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Predict rows with a trained model.

    Rows are given as they come, with categories and empty cells: what the model learnt about them
    is a part of it.
    """
    with connected(url, as_json=as_json) as client:
        wanted = find_model(client, model)
        rows = read_rows(file, {column.name: column.kind for column in wanted.inputs})
        answers = _predict(client, wanted, rows, checkpoint)
    if as_json:
        print_json(answers.model_dump(mode="json"))
    else:
        results().print(as_table(answers))


def _predict(client: Client, model: Model, rows: list[Any], checkpoint: str | None) -> Predictions:
    """As many calls as the number of rows takes, and their answers as one."""
    parts = [
        client.predictions.create(model, rows[start : start + ROWS_PER_CALL], checkpoint=checkpoint)
        for start in range(0, len(rows), ROWS_PER_CALL)
    ]
    changes: dict[str, Any] = {"predictions": [row for part in parts for row in part.predictions]}
    if parts[0].probabilities is not None:
        changes["probabilities"] = [row for part in parts for row in part.probabilities or ()]
    return parts[0].model_copy(update=changes)


def as_table(answers: Predictions) -> Table:
    """One line a row: its number, the answers, and for classes how probable each is."""
    from rich.table import Table

    table = Table("row", *answers.targets, box=None, pad_edge=False)
    for label in _probable(answers):
        table.add_column(f"p({label})", justify="right")
    for number, answer in enumerate(answers.predictions):
        chances = answers.probabilities[number] if answers.probabilities else []
        each = answer if isinstance(answer, list) else [answer]
        shown = [f"{value:.6g}" if isinstance(value, float) else str(value) for value in each]
        table.add_row(str(number), *shown, *(f"{chance:.3f}" for chance in chances))
    return table


def _probable(answers: Predictions) -> list[Any]:
    """What the probabilities are of: classes, or of several labels that each is the second one."""
    if answers.target is not None or answers.classes is None:
        return [*(answers.classes or ())]
    return [f"{target}={answers.classes[1]}" for target in answers.targets]
