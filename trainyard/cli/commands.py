"""Every command there is, with its examples, under the headings of the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

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
    export_import,
    folds,
    importances,
    keys,
    landscape,
    listing,
    predicting,
    range_testing,
    removing,
    service,
    steering,
    tracing,
    training,
    warming,
    watching,
)

JOB = "job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"
MODEL = "mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA"
DATASET = "ds_01JD3W8YQ4N9T5V7Z2X6C1B0MA"


class Command:
    """A function that is a command; it is called as the function is unless ``name`` says else."""

    def __init__(self, run: Callable[..., None], *examples: str, name: str | None = None) -> None:
        self.run = run
        self.examples = examples
        self.name = name


class Group(NamedTuple):
    """Commands behind a common word."""

    name: str
    about: str
    commands: list[Command]


_JOBS = [
    Command(
        training.train,
        "trainyard train -f examples/digits.yaml",
        "trainyard train -f examples/penguins.yaml --data penguins.csv --target species",
        f"trainyard train -f examples/digits.yaml --from {MODEL}",
    ),
    Command(
        listing.runs,
        "trainyard runs",
        "trainyard runs --status running --status queued",
        "trainyard runs --tag digits --sort best --limit 50",
    ),
    Command(watching.watch, "trainyard watch last", f"trainyard watch {JOB} --json"),
    Command(
        comparing.compare,
        f"trainyard compare last {JOB}",
        "trainyard compare X6C1B0MA Y7D2C1NB Z8E3D2PC --metric accuracy --part train",
    ),
    Command(steering.pause, "trainyard pause last", f"trainyard pause {JOB}"),
    Command(steering.resume, "trainyard resume last", f"trainyard resume {JOB}"),
    Command(steering.advance, f"trainyard advance {JOB}", "trainyard advance last --steps 10"),
    Command(steering.cancel, "trainyard cancel last", f"trainyard cancel {JOB}"),
    Command(removing.delete, "trainyard delete last", f"trainyard delete {JOB} --yes"),
    Command(folds.folds, f"trainyard folds {JOB}", "trainyard folds last --json"),
    Command(
        diagnosing.diagnostics,
        "trainyard diagnostics last",
        f"trainyard diagnostics {JOB} --epoch 10",
    ),
    Command(
        range_testing.range_test,
        "trainyard range-test -f examples/digits.yaml",
        "trainyard range-test -f examples/digits.yaml --highest 1 --steps 200",
    ),
]
_MODELS = [
    Command(
        predicting.predict,
        f"trainyard predict {MODEL} -f rows.csv",
        "trainyard predict last -f rows.csv --json",
        """echo '[{"island": "Biscoe", "sex": null}]' | trainyard predict last -f -""",
    ),
    Command(
        evaluating.evaluate,
        "trainyard evaluate last",
        f"trainyard evaluate {MODEL} -f rows.csv --checkpoint last",
        "trainyard evaluate last --out-of-fold",
    ),
    Command(describing.models, "trainyard models", "trainyard models --limit 5 --json"),
    Command(describing.model, "trainyard model last", f"trainyard model {MODEL} --json"),
    Command(
        export_import.export,
        "trainyard export last",
        f"trainyard export {MODEL} -o net.safetensors --checkpoint 20",
        "trainyard export last --curves curves.csv",
    ),
    Command(
        export_import.import_model,
        "trainyard import digits.safetensors --name digits",
        "trainyard import torch.safetensors --definition network.yaml",
        name="import",
    ),
]
_INSIGHT = [
    Command(
        tracing.trace,
        f"trainyard trace {MODEL} -f rows.csv --layer output",
        """echo '[{"hours": 1.5, "passed": true}]' | trainyard trace last -f - --training""",
    ),
    Command(
        checking.check_gradients,
        "trainyard check-gradients last -f rows.csv",
        f"trainyard check-gradients {MODEL} -f rows.csv --per-block 100",
    ),
    Command(
        landscape.landscape,
        "trainyard landscape last --dimensions 2",
        f"trainyard landscape {MODEL} --toward 10",
    ),
    Command(
        importances.importances,
        "trainyard importances last",
        f"trainyard importances {MODEL} --repeats 20 --column island",
    ),
    Command(
        descending.descend,
        "trainyard descend",
        "trainyard descend --surface bowl:condition=100 --optimizer sgd:learning_rate=0.019",
        "trainyard descend --optimizer lion --schedule constant --optimizer lion --schedule cosine",
    ),
]
_PARTS = [
    Command(cataloguing.catalog, "trainyard catalog", "trainyard catalog optimizer adam"),
]
_SERVICE = [
    Command(demonstration.demo, "trainyard demo", "trainyard demo --data-dir demo-data"),
    Command(
        service.serve,
        "trainyard serve",
        "TRAINYARD_API_KEYS=ty_... trainyard serve --host 0.0.0.0 --no-worker",
    ),
    Command(
        service.worker,
        "trainyard worker",
        "TRAINYARD_DATABASE_URL=postgresql://... trainyard worker",
    ),
    Command(
        warming.warmup, "trainyard warmup", "XDG_CACHE_HOME=/var/cache trainyard warmup --json"
    ),
    Command(service.openapi, "trainyard openapi", "trainyard openapi -o openapi.json"),
]
_DATASETS = [
    Command(
        datasets.add,
        "trainyard datasets add penguins.csv --target species",
        "trainyard datasets add --builtin two_moons:samples=500,noise=0.2",
    ),
    Command(
        datasets.list_,
        "trainyard datasets list",
        "trainyard datasets list --limit 5 --json",
        name="list",
    ),
    Command(
        datasets.show,
        f"trainyard datasets show {DATASET}",
        f"trainyard datasets show {DATASET} --json",
    ),
    Command(
        datasets.rows,
        f"trainyard datasets rows {DATASET} --limit 5",
        f"trainyard datasets rows {DATASET} --offset 100 --json",
    ),
    Command(
        datasets.delete,
        f"trainyard datasets delete {DATASET}",
        f"trainyard datasets delete {DATASET} --yes",
    ),
]
_KEYS = [
    Command(keys.new, "trainyard keys new", "trainyard keys new --json"),
    Command(
        keys.check,
        "trainyard keys check",
        "trainyard keys check --url https://trainyard.example.com",
    ),
]
_CONFIG = [
    Command(
        configuring.show, "trainyard config show", "TRAINYARD_SLOTS=2 trainyard config show --json"
    ),
]
_DB = [
    Command(
        service.upgrade,
        "trainyard db upgrade",
        "TRAINYARD_DATABASE_URL=postgresql://... trainyard db upgrade",
    ),
]

SECTIONS: dict[str, list[Command | Group]] = {
    "Jobs": [*_JOBS],
    "Models": [*_MODELS],
    "How it learns": [*_INSIGHT],
    "Data and parts": [
        Group("datasets", "Add datasets, look at them, delete them.", _DATASETS),
        *_PARTS,
    ],
    "Service": [
        *_SERVICE,
        Group("keys", "Make and check the keys of a service.", _KEYS),
        Group("config", "Show the settings.", _CONFIG),
        Group("db", "Look after the database.", _DB),
    ],
}
