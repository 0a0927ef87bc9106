"""The command line. Commands load what they need when they run: ``--help`` comes at once."""

from __future__ import annotations

from typing import Annotated

import typer

from trainyard.cli import (
    cataloguing,
    checking,
    demonstration,
    descending,
    describing,
    diagnosing,
    evaluating,
    exchanging,
    folds,
    importances,
    landscape,
    predicting,
    range_testing,
    service,
    steering,
    tracing,
    training,
    warming,
)

app = typer.Typer(
    name="trainyard",
    help="Train neural networks as a service: serve, train, watch, predict, look inside.",
    epilog="Start with `trainyard demo`, or with `trainyard serve` and its /docs.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help comes in half the time
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
database = typer.Typer(help="Look after the database.", no_args_is_help=True)


def _examples(*lines: str) -> str:
    """An epilogue of lines that are kept as they are (which is what a backspace asks for)."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


app.command(epilog=_examples("trainyard demo"))(demonstration.demo)
app.command(
    epilog=_examples(
        "trainyard serve",
        "TRAINYARD_API_KEYS=secret trainyard serve --host 0.0.0.0 --no-worker",
    )
)(service.serve)
app.command(epilog=_examples("TRAINYARD_DATABASE_URL=postgresql://... trainyard worker"))(
    service.worker
)
app.command(
    epilog=_examples(
        "trainyard train -f examples/digits.yaml",
        "trainyard train -f examples/penguins.yaml --data penguins.csv --target species",
        "trainyard train -f examples/digits.yaml --from mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA",
    )
)(training.train)
app.command(epilog=_examples("trainyard watch job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"))(training.watch)
app.command(epilog=_examples("trainyard range-test -f examples/digits.yaml --highest 1"))(
    range_testing.range_test
)
app.command(epilog=_examples("trainyard pause job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"))(steering.pause)
app.command(epilog=_examples("trainyard resume job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"))(steering.resume)
app.command(
    epilog=_examples(
        "trainyard advance job_01JD3W8YQ4N9T5V7Z2X6C1B0MA",
        "trainyard advance job_01JD3W8YQ4N9T5V7Z2X6C1B0MA --steps 10",
    )
)(steering.advance)
app.command(epilog=_examples("trainyard folds job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"))(folds.folds)
app.command(epilog=_examples("trainyard cancel job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"))(training.cancel)
app.command(
    epilog=_examples(
        "trainyard predict mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA -f rows.csv",
        """echo '[{"island": "Biscoe", "sex": null}]' | trainyard predict mdl_... -f - --json""",
    )
)(predicting.predict)
app.command(
    epilog=_examples(
        "trainyard evaluate mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA",
        "trainyard evaluate mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA -f rows.csv --checkpoint last",
    )
)(evaluating.evaluate)
app.command(epilog=_examples("trainyard model mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA"))(describing.model)
app.command(
    epilog=_examples(
        "trainyard trace mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA -f rows.csv --layer output",
        """echo '[{"hours": 1.5, "passed": true}]' | trainyard trace mdl_... -f - --training""",
    )
)(tracing.trace)
app.command(
    epilog=_examples(
        "trainyard check-gradients mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA -f rows.csv --per-block 100"
    )
)(checking.check_gradients)
app.command(
    epilog=_examples(
        "trainyard landscape mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA --dimensions 2",
        "trainyard landscape mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA --toward 10",
    )
)(landscape.landscape)
app.command(epilog=_examples("trainyard importances mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA --repeats 20"))(
    importances.importances
)
app.command(epilog=_examples("trainyard export mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA -o net.safetensors"))(
    exchanging.export
)
app.command(
    name="import",
    epilog=_examples(
        "trainyard import digits.safetensors --name digits",
        "trainyard import torch.safetensors --definition network.yaml",
    ),
)(exchanging.bring_in)
app.command(epilog=_examples("trainyard diagnostics job_01JD3W8YQ4N9T5V7Z2X6C1B0MA --epoch 10"))(
    diagnosing.diagnostics
)
app.command(epilog=_examples("trainyard catalog optimizer", "trainyard catalog optimizer adam"))(
    cataloguing.catalog
)
app.command(
    epilog=_examples(
        "trainyard descend --surface rosenbrock --optimizer adam --optimizer sgd",
        "trainyard descend --surface bowl:condition=100 --optimizer sgd:learning_rate=0.019",
    )
)(descending.descend)
app.command(epilog=_examples("trainyard openapi -o openapi.json"))(service.openapi)
app.command(epilog=_examples("trainyard warmup"))(warming.warmup)
app.add_typer(database, name="db")
database.command(epilog=_examples("TRAINYARD_DATABASE_URL=postgresql://... trainyard db upgrade"))(
    service.upgrade
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"trainyard {version('trainyard')}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Say which version."
        ),
    ] = False,
) -> None:
    """Train neural networks as a service: serve, train, watch, predict, look inside."""
