"""How long files and functions are: a file holds one concept, a function does one thing."""

import ast
from pathlib import Path

from tests.architecture.repository import PACKAGES, ROOT, python_files

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40

LONG_FUNCTIONS_OF_THE_ENGINE = {
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
}
"""Functions of more lines, and why they are not split."""

LONG_FUNCTIONS_ELSEWHERE = {
    "service": {
        "create": 46,
        "evaluate_out_of_fold": 43,
        "list_epochs": 58,
        "move": 45,
        "sampled": 46,
    },
    "trainyard": {
        "add": 66,
        "compare": 49,
        "descend": 53,
        "evaluate": 47,
        "importances": 41,
        "landscape": 44,
        "runs": 41,
        "trace": 56,
        "train": 58,
    },
}
"""How many lines they have: mostly parameters of routes and of commands. None may grow."""


def hand_written() -> list[Path]:
    return [path for path in python_files(*PACKAGES) if "generated" not in path.parts]


def long_functions(package: str) -> list[tuple[str, str, int]]:
    """File, name and number of lines of each function that is too long."""
    return [
        (str(path.relative_to(ROOT)), node.name, lines)
        for path in python_files(package)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in hand_written()
        if (lines := path.read_text(encoding="utf-8").count("\n")) > MAX_FILE_LINES
    }
    assert long == {}, "split these"


def test_functions_of_the_engine_stay_short() -> None:
    long = {f"{file}: {name}" for file, name, _ in long_functions("engine")}
    assert long - LONG_FUNCTIONS_OF_THE_ENGINE.keys() == set(), "split these, or say why not"
    assert LONG_FUNCTIONS_OF_THE_ENGINE.keys() - long == set(), "no longer too long: remove them"


def test_other_functions_do_not_grow() -> None:
    grown = {
        f"{file}: {name}": lines
        for package, known in LONG_FUNCTIONS_ELSEWHERE.items()
        for file, name, lines in long_functions(package)
        if lines > known.get(name, MAX_FUNCTION_LINES)
    }
    assert grown == {}, "split these"
