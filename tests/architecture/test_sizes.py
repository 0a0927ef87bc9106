"""How long files and functions are: a file holds one concept, a function does one thing."""

import ast
from pathlib import Path

from tests.architecture.repository import PACKAGES, ROOT, python_files

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40

LONG_FUNCTIONS = {
    "engine/compiler/matmul.py: product_rows": "the loops over blocks of a matrix product, which "
    "share a dozen addresses and strides",
    "engine/compiler/tiles.py: _sum": "the instructions of one loop, in the order of execution",
    "engine/compiler/tiles.py: _tile": "fourteen parameters, and a switch over the sizes of tiles",
    "engine/insight/trace.py: trace": "everything of one update, in the order of computation",
    "engine/losses/classification.py: _binary_cross_entropy": "a compiled loop over rows with "
    "nine parameters; value and derivative stand side by side",
    "engine/program/allocation.py: buffers": "one line for each array of a program",
    "engine/program/epochs.py: train_epochs": "twenty parameters, passed on to train and evaluate",
    "engine/program/loop.py: train": "the lecture's Algorithm 1, a line for each of its steps",
    "engine/program/program.py: __init__": "parameters, passed on to the parts of a program",
    "engine/program/program.py: train_epochs": "parameters, passed on to the compiled function",
    "service/epochs/repository.py: sampled": "one query, with the subquery that ranks its rows",
    "service/epochs/router.py: list_epochs": "seven parameters of the request, each described",
    "service/folds/router.py: evaluate_out_of_fold": "a long refusal, and every field of the reply",
    "service/jobs/repository.py: create": "every column of a new row, and where it comes from",
    "service/lifecycle/transitions.py: move": "what a change of status does to a job, in one place",
    "trainyard/cli/data/datasets.py: add": "options, each with its help",
    "trainyard/cli/insight/descend.py: descend": "options, each with its help",
    "trainyard/cli/insight/importances.py: importances": "options, each with its help",
    "trainyard/cli/insight/landscape.py: landscape": "options, each with its help",
    "trainyard/cli/insight/trace.py: trace": "options, each with its help",
    "trainyard/cli/jobs/compare.py: compare": "options, each with its help",
    "trainyard/cli/jobs/runs.py: runs": "options, each with its help",
    "trainyard/cli/jobs/train.py: train": "options, each with its help",
    "trainyard/cli/models/evaluate.py: evaluate": "options, each with its help",
}
"""Functions of more lines, and why they are not split."""


def hand_written() -> list[Path]:
    return [path for path in python_files(*PACKAGES) if "generated" not in path.parts]


def long_functions() -> set[str]:
    """The file and the name of each function that is too long."""
    return {
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in hand_written()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION_LINES
    }


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in hand_written()
        if (lines := path.read_text(encoding="utf-8").count("\n")) > MAX_FILE_LINES
    }
    assert long == {}, "split these"


def test_functions_stay_short() -> None:
    long = long_functions()
    assert long - LONG_FUNCTIONS.keys() == set(), "split these, or say why not"
    assert LONG_FUNCTIONS.keys() - long == set(), "no longer too long: remove them"
