"""The command line. Commands load what they need when they run: ``--help`` comes at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from trainyard.cli import (
    cataloguing,
    checking,
    comparing,
    configuring,
    datasets,
    demonstration,
    descending,
    describing,
    diagnosing,
    evaluating,
    exchanging,
    folds,
    importances,
    keys,
    landscape,
    listing,
    predicting,
    range_testing,
    service,
    steering,
    tracing,
    training,
    warming,
    watching,
)
from trainyard.cli.help import Sections, examples

JOB = "job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"
MODEL = "mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA"
DATASET = "ds_01JD3W8YQ4N9T5V7Z2X6C1B0MA"


def _group(about: str) -> typer.Typer:
    return typer.Typer(
        cls=Sections,
        help=about,
        no_args_is_help=True,
        rich_markup_mode=None,  # plain help comes in half the time
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


app = _group("Train neural networks as a service: serve, train, watch, predict, look inside.")
_data = _group("Add datasets, look at them, delete them.")
_keys = _group("Make and check the keys of a service.")
_config = _group("Show the settings.")
_database = _group("Look after the database.")


def _add(
    command: Callable[..., None],
    *lines: str,
    to: typer.Typer = app,
    section: str | None = None,
    name: str | None = None,
) -> None:
    """Make a function a command, with examples at the end of its help."""
    to.command(name, epilog=examples(*lines), rich_help_panel=section)(command)


def _add_jobs() -> None:
    section = "Jobs"
    _add(
        training.train,
        "trainyard train -f examples/digits.yaml",
        "trainyard train -f examples/penguins.yaml --data penguins.csv --target species",
        f"trainyard train -f examples/digits.yaml --from {MODEL}",
        section=section,
    )
    _add(
        listing.runs,
        "trainyard runs",
        "trainyard runs --status running --status queued",
        "trainyard runs --tag digits --sort best --limit 50",
        section=section,
    )
    _add(
        watching.watch,
        "trainyard watch last",
        f"trainyard watch {JOB} --json",
        section=section,
    )
    _add(
        comparing.compare,
        f"trainyard compare last {JOB}",
        "trainyard compare X6C1B0MA Y7D2C1NB Z8E3D2PC --metric accuracy --part train",
        section=section,
    )
    _add(steering.pause, "trainyard pause last", f"trainyard pause {JOB}", section=section)
    _add(steering.resume, "trainyard resume last", f"trainyard resume {JOB}", section=section)
    _add(
        steering.advance,
        f"trainyard advance {JOB}",
        "trainyard advance last --steps 10",
        section=section,
    )
    _add(steering.cancel, "trainyard cancel last", f"trainyard cancel {JOB}", section=section)
    _add(
        folds.folds,
        f"trainyard folds {JOB}",
        "trainyard folds last --json",
        section=section,
    )
    _add(
        diagnosing.diagnostics,
        "trainyard diagnostics last",
        f"trainyard diagnostics {JOB} --epoch 10",
        section=section,
    )
    _add(
        range_testing.range_test,
        "trainyard range-test -f examples/digits.yaml",
        "trainyard range-test -f examples/digits.yaml --highest 1 --steps 200",
        section=section,
    )


def _add_models() -> None:
    section = "Models"
    _add(
        predicting.predict,
        f"trainyard predict {MODEL} -f rows.csv",
        "trainyard predict last -f rows.csv --json",
        """echo '[{"island": "Biscoe", "sex": null}]' | trainyard predict last -f -""",
        section=section,
    )
    _add(
        evaluating.evaluate,
        "trainyard evaluate last",
        f"trainyard evaluate {MODEL} -f rows.csv --checkpoint last",
        section=section,
    )
    _add(
        describing.model,
        "trainyard model last",
        f"trainyard model {MODEL} --json",
        section=section,
    )
    _add(
        exchanging.export,
        "trainyard export last",
        f"trainyard export {MODEL} -o net.safetensors --checkpoint 20",
        section=section,
    )
    _add(
        exchanging.bring_in,
        "trainyard import digits.safetensors --name digits",
        "trainyard import torch.safetensors --definition network.yaml",
        section=section,
        name="import",
    )


def _add_insight() -> None:
    section = "How it learns"
    _add(
        tracing.trace,
        f"trainyard trace {MODEL} -f rows.csv --layer output",
        """echo '[{"hours": 1.5, "passed": true}]' | trainyard trace last -f - --training""",
        section=section,
    )
    _add(
        checking.check_gradients,
        "trainyard check-gradients last -f rows.csv",
        f"trainyard check-gradients {MODEL} -f rows.csv --per-block 100",
        section=section,
    )
    _add(
        landscape.landscape,
        "trainyard landscape last --dimensions 2",
        f"trainyard landscape {MODEL} --toward 10",
        section=section,
    )
    _add(
        importances.importances,
        "trainyard importances last",
        f"trainyard importances {MODEL} --repeats 20 --column island",
        section=section,
    )
    _add(
        descending.descend,
        "trainyard descend --surface rosenbrock --optimizer adam --optimizer sgd",
        "trainyard descend --surface bowl:condition=100 --optimizer sgd:learning_rate=0.019",
        section=section,
    )


def _add_data() -> None:
    section = "Data and parts"
    app.add_typer(_data, name="datasets", rich_help_panel=section)
    _add(
        datasets.add,
        "trainyard datasets add penguins.csv --target species",
        "trainyard datasets add --builtin two_moons:samples=500,noise=0.2",
        to=_data,
    )
    _add(
        datasets.list_,
        "trainyard datasets list",
        "trainyard datasets list --limit 5 --json",
        to=_data,
        name="list",
    )
    _add(
        datasets.show,
        f"trainyard datasets show {DATASET}",
        f"trainyard datasets show {DATASET} --json",
        to=_data,
    )
    _add(
        datasets.rows,
        f"trainyard datasets rows {DATASET} --limit 5",
        f"trainyard datasets rows {DATASET} --offset 100 --json",
        to=_data,
    )
    _add(
        datasets.delete,
        f"trainyard datasets delete {DATASET}",
        f"trainyard datasets delete {DATASET} --yes",
        to=_data,
    )
    _add(
        cataloguing.catalog,
        "trainyard catalog",
        "trainyard catalog optimizer adam",
        section=section,
    )


def _add_service() -> None:
    section = "Service"
    _add(
        demonstration.demo,
        "trainyard demo",
        "trainyard demo --data-dir demo-data",
        section=section,
    )
    _add(
        service.serve,
        "trainyard serve",
        "TRAINYARD_API_KEYS=$(trainyard keys new) trainyard serve --host 0.0.0.0 --no-worker",
        section=section,
    )
    _add(
        service.worker,
        "trainyard worker",
        "TRAINYARD_DATABASE_URL=postgresql://... trainyard worker",
        section=section,
    )
    app.add_typer(_keys, name="keys", rich_help_panel=section)
    _add(
        keys.new,
        "trainyard keys new",
        "export TRAINYARD_API_KEY=$(trainyard keys new)",
        to=_keys,
    )
    _add(
        keys.check,
        "trainyard keys check",
        "trainyard keys check --url https://trainyard.example.com",
        to=_keys,
    )
    app.add_typer(_config, name="config", rich_help_panel=section)
    _add(
        configuring.show,
        "trainyard config show",
        "TRAINYARD_SLOTS=2 trainyard config show --json",
        to=_config,
    )
    app.add_typer(_database, name="db", rich_help_panel=section)
    _add(
        service.upgrade,
        "trainyard db upgrade",
        "TRAINYARD_DATABASE_URL=postgresql://... trainyard db upgrade",
        to=_database,
    )
    _add(
        warming.warmup,
        "trainyard warmup",
        "XDG_CACHE_HOME=/var/cache trainyard warmup --json",
        section=section,
    )
    _add(
        service.openapi,
        "trainyard openapi",
        "trainyard openapi -o openapi.json",
        section=section,
    )


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"trainyard {version('trainyard')}")
        raise typer.Exit


@app.callback(epilog="Start with `trainyard demo`, or with `trainyard serve` and its /docs.")
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Say which version."
        ),
    ] = False,
) -> None:
    """Train neural networks as a service: serve, train, watch, predict, look inside."""


_add_jobs()
_add_models()
_add_insight()
_add_data()
_add_service()
