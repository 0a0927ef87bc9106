"""Machine code on the disk: whatever happens to the folder, results are the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from engine.compiler import folders
from engine.compiler.locks import CompileLock

ACTIVATE = """
import inspect, json, sys
import numpy as np
from engine.activations import Activation
from engine.compiler.jit import compiled

def applied(kind):
    member = next(m for m in Activation.members() if m.kind_name() == kind)
    kernel = compiled(member.kernels()[0])
    x, y = np.linspace(-2, 2, 9).reshape(3, 3), np.empty((3, 3))
    arguments = {"x": x, "y": y, "theta": np.zeros(0), "constants": np.ones(1)}
    kernel(*(arguments[name] for name in inspect.signature(kernel.py_func).parameters))
    misses = sum(kernel.stats.cache_misses.values())
    return {"y": y.tobytes().hex(), "compiled": misses, "kept_in": kernel.stats.cache_path}

print(json.dumps({kind: applied(kind) for kind in sys.argv[1:]}))
"""
TRAIN = """
import hashlib
import numpy as np
from engine import Recipe, Table, Training, TrainingSpec, infer_task, outline, resolve

x = np.linspace(-1, 1, 40)
table = Table(columns={"x": x, "y": np.sin(3 * x)}, kinds={"x": "float", "y": "float"})
task = infer_task(table, "y")
recipe = resolve(Recipe(training=TrainingSpec(epochs=3, seed=1)), task)
training = Training(outline(recipe, table, task), table)
list(training.events())
print(hashlib.sha256(training.snapshot().to_bytes()).hexdigest())
"""
TYPED = """
import json, sys
import numpy as np
from engine.kernels import compiled

values, misses = [], 0
for factor in (2.0, 3.0):
    scope = {"__name__": sys.argv[1]}
    exec(f"def times(x):\\n    return x * {factor}", scope)
    kernel = compiled(scope["times"])
    values.append(float(kernel(np.float64(1.5))))
    misses += sum(kernel.stats.cache_misses.values())
print(json.dumps({"values": values, "compiled": misses}))
"""


def starting(folder: Path, code: str, *words: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(folder), **environment},
    )


def printed(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def activated(folder: Path, *kinds: str, **environment: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(starting(folder, ACTIVATE, *kinds, **environment)))
    return found


def entries(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with two kernels made by one function, and what they compute."""
    folder = tmp_path_factory.mktemp("kept")
    return folder, activated(folder, "relu", "tanh")


def test_what_is_kept_is_not_compiled_again(kept: tuple[Path, dict[str, Any]]) -> None:
    folder, first = kept
    again = activated(folder, "tanh", "relu")
    assert [first[kind]["compiled"] for kind in ("relu", "tanh")] == [1, 1]
    assert [again[kind]["compiled"] for kind in ("relu", "tanh")] == [0, 0]
    assert {kind: again[kind]["y"] for kind in again} == {k: first[k]["y"] for k in first}
    assert first["relu"]["y"] != first["tanh"]["y"]
    assert not [file for file in entries(folder) if "lock" in file.name or file.name[0] == "."]


def test_processes_that_compile_at_once_do_not_mix_kernels_up(
    kept: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    """Kernels of one function, in opposite order, each of them from whoever came first."""
    orders = (("relu", "tanh"), ("tanh", "relu"), ("relu",))
    processes = [starting(tmp_path, ACTIVATE, *order) for order in orders]
    found = [json.loads(printed(process)) for process in processes]
    for results in found:
        assert all(results[kind]["y"] == kept[1][kind]["y"] for kind in results)
    assert sum(results["relu"]["compiled"] for results in found) == 1
    assert len(entries(tmp_path)) == 2


@pytest.mark.parametrize("damage", [b"", b"\0" * 5_000, None], ids=["empty", "zeros", "cut"])
def test_a_damaged_entry_is_compiled_again(
    kept: tuple[Path, dict[str, Any]], damage: bytes | None, tmp_path: Path
) -> None:
    first = activated(tmp_path, "relu")
    (entry,) = entries(tmp_path)
    whole = entry.read_bytes()
    entry.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    mended = activated(tmp_path, "relu")
    assert mended["relu"]["compiled"] == 1
    assert mended["relu"]["y"] == first["relu"]["y"] == kept[1]["relu"]["y"]
    assert activated(tmp_path, "relu")["relu"]["compiled"] == 0


def test_a_full_disk_costs_time_only(kept: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n" + ACTIVATE
    found = json.loads(printed(starting(tmp_path, limited, "relu")))
    assert found["relu"]["y"] == kept[1]["relu"]["y"]
    assert entries(tmp_path) == []


def test_no_folder_at_all_costs_time_only(
    kept: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    """Neither the user's cache nor temporary files: a file is where both would be."""
    taken = tmp_path / "taken"
    taken.touch()
    nowhere = "import tempfile\ntempfile.tempdir = " + repr(str(taken)) + "\n" + ACTIVATE
    found = json.loads(printed(starting(taken, nowhere, "relu")))
    assert found["relu"]["kept_in"] is None
    assert found["relu"]["y"] == kept[1]["relu"]["y"]


def test_kernels_that_an_installation_brings_are_used(
    kept: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    """``sys.prefix`` with kernels below it, as in the image, and an empty cache."""
    prefix = tmp_path / "installation"
    (prefix / "share").mkdir(parents=True)
    (prefix / "share" / "trainyard").symlink_to(kept[0] / "trainyard")
    shipped = f"import sys\nsys.prefix = {str(prefix)!r}\n" + ACTIVATE
    found = json.loads(printed(starting(tmp_path / "cache", shipped, "relu", "tanh")))
    assert [found[kind]["compiled"] for kind in ("relu", "tanh")] == [0, 0]
    assert found["tanh"]["y"] == kept[1]["tanh"]["y"]


@pytest.mark.parametrize("edited", ["kernels.py", "layers/dense.py", "compiler/cache.py"])
def test_a_folder_of_kernels_is_of_one_state_of_the_whole_engine(
    edited: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = Path(shutil.copytree(folders.PACKAGE, tmp_path / "engine"))
    monkeypatch.setattr(folders, "PACKAGE", copied)
    assert folders._source_on_disk() == folders.source_digest()
    with (copied / edited).open("a") as file:
        file.write("# edited")
    assert folders._source_on_disk() != folders.source_digest()


def test_a_folder_of_somebody_else_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    mine = folders._private_folder()
    assert mine is not None
    assert mine.stat().st_mode & 0o077 == 0
    mine.chmod(0o777)
    assert folders._private_folder() is None


def test_another_processor_gets_other_machine_code(tmp_path: Path) -> None:
    first = activated(tmp_path, "relu", NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES="")
    second = activated(tmp_path, "relu")
    assert (first["relu"]["compiled"], second["relu"]["compiled"]) == (1, 1)
    assert len(entries(tmp_path)) == 2


def test_bits_do_not_depend_on_where_kernels_came_from(tmp_path: Path) -> None:
    """Compiled by two processes, then loaded, then compiled by one that may use one core."""
    alone = TRAIN.replace("import hashlib", "import hashlib, os\nos.sched_setaffinity(0, {0})", 1)
    cold, warm = (printed(starting(tmp_path / "a", TRAIN)) for _ in range(2))
    assert cold == warm == printed(starting(tmp_path / "b", alone))


def test_a_turn_is_waited_for(tmp_path: Path) -> None:
    first, second = CompileLock(tmp_path / "lock"), threading.Event()

    def wait() -> None:
        turn = CompileLock(tmp_path / "lock")
        second.set()
        turn.release()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not second.is_set()
    first.release()
    waiting.join(timeout=30)
    assert second.is_set()


@pytest.mark.parametrize("module", ["__main__", "of_no_file"])
def test_a_kernel_that_was_typed_in_is_that_of_its_code(tmp_path: Path, module: str) -> None:
    """It is kept if its module can be imported, and works if not, however often."""
    results = [json.loads(printed(starting(tmp_path, TYPED, module))) for _ in range(2)]
    assert [result["values"] for result in results] == [[3.0, 4.5]] * 2
    assert [result["compiled"] for result in results] == [2, 0 if module == "__main__" else 2]
