"""The command that scores a model on rows with answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli import completion
from trainyard.cli.lookup import find_job_of, find_model, read_labelled
from trainyard.cli.options import Checkpoint, Json, Labelled, ModelName, Part, Url
from trainyard.cli.output import connected, number, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.insights import OutOfFoldEvaluation
    from trainyard.results import Evaluation


def evaluate(
    model: ModelName,
    *,
    file: Labelled = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="The id of a dataset to evaluate on.",
            metavar="DATASET",
            autocompletion=completion.datasets,
        ),
    ] = None,
    part: Part = None,
    out_of_fold: Annotated[
        bool,
        typer.Option(
            "--out-of-fold",
            help="Of a cross-validation: each row judged by the fold that did not train on it.",
        ),
    ] = False,
    checkpoint: Checkpoint = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Score a model on rows whose answers are known.

    By default those that its job held out.
    """
    if out_of_fold and any(each is not None for each in (file, dataset, part, checkpoint)):
        message = "it names the rows and the networks: leave out the other options"
        raise typer.BadParameter(message, param_hint="--out-of-fold")
    told: Evaluation | OutOfFoldEvaluation
    with connected(url, as_json=as_json) as client:
        if out_of_fold:
            told = client.jobs.evaluate_out_of_fold(find_job_of(client, model))
        else:
            found = find_model(client, model)
            rows = None if file is None else read_labelled(found, file)
            told = client.models.evaluate(
                found, rows, dataset=dataset, part=part, checkpoint=checkpoint
            )
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    for table in as_tables(told.scores):
        results().print(table, "")
    results().print(f"{told.rows} rows")


def as_tables(scores: dict[str, Any]) -> list[Table]:
    """The scores of all, then those of each class or target, then who was taken for whom."""
    whole = [
        [name, _shown(value)]
        for name, value in scores.items()
        if value is None or isinstance(value, int | float)
    ]
    tables = [_table(["score", ""], whole)]
    for part, heading in (("per_class", "label"), ("per_target", "target")):
        if rows := scores.get(part):
            names = [name for name in rows[0] if name != heading]
            lines = [[str(row[heading]), *(_shown(row[name]) for name in names)] for row in rows]
            averages = [each for each in ("macro", "micro", "weighted") if each in scores]
            lines += [
                [each, *(_average(scores[each], name) for name in names)] for each in averages
            ]
            tables.append(_table([heading, *names], lines))
    if confusion := scores.get("confusion_matrix"):
        labels = [str(row["label"]) for row in scores["per_class"]]
        lines = [[label, *map(str, row)] for label, row in zip(labels, confusion, strict=True)]
        tables.append(_table(["true \\ predicted", *labels], lines))
    return tables


def _average(scores: dict[str, float], name: str) -> str:
    return number(scores[name]) if name in scores else ""


def _shown(value: float | None) -> str:
    """A score; some cannot be told of some rows."""
    return "-" if value is None else number(value)


def _table(headings: list[str], lines: list[list[Any]]) -> Table:
    """A column of names, and columns of numbers."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(escape(headings[0]), box=None, pad_edge=False)
    for heading in headings[1:]:
        table.add_column(escape(heading), justify="right")
    for first, *others in lines:
        table.add_row(escape(first), *others)
    return table
