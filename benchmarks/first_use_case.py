"""One case of ``first_use``, in a process of its own: prints its seconds as JSON."""

from __future__ import annotations

import json
import sys
from time import perf_counter
from typing import Any

ROWS = 40


def main() -> None:
    """Import, train one epoch, print."""
    case = json.loads(sys.argv[1])
    started = perf_counter()
    import engine

    imported = perf_counter()
    _one_epoch(engine, case)
    done = perf_counter()
    print(json.dumps({"import": imported - started, "epoch": done - imported}))


def _one_epoch(engine: Any, case: dict[str, Any]) -> None:
    import numpy as np

    angles = np.linspace(0.0, 6.0, ROWS)
    columns = {"x": np.cos(angles), "y": np.sin(angles)}
    columns["target"] = np.arange(ROWS) % 3.0 if case["target"] == "class" else np.sin(2 * angles)
    kinds = {"x": "float", "y": "float"}
    kinds["target"] = "integer" if case["target"] == "class" else "float"
    table = engine.Table(columns=columns, kinds=kinds)
    task = engine.infer_task(table, "target")
    plan = engine.outline(engine.resolve(_recipe(engine, case), task), table, task)
    next(e for e in engine.Training(plan, table).events() if isinstance(e, engine.EpochEnd))


def _recipe(engine: Any, case: dict[str, Any]) -> Any:
    layers = [
        engine.Dense(units=4, activation=_member(engine, "activation", each))
        for each in case["activations"]
    ]
    layers += [_member(engine, "layer", each) for each in case.get("more", ())]
    training = engine.TrainingSpec(epochs=1, seed=0, precision=case.get("precision", "float32"))
    return engine.Recipe(
        network=engine.NetworkSpec(layers=layers),
        optimizer=_member(engine, "optimizer", case.get("optimizer", "adam")),
        training=training,
    )


def _member(engine: Any, family: str, kind: str) -> Any:
    return next(m for m in engine.families()[family] if m.kind_name() == kind)()


if __name__ == "__main__":
    main()
