"""What looks alike and is not, in one process and from one to the next."""

from __future__ import annotations

import functools
import gc
import math
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import numpy as np
import pytest
from numba import float64

from engine.compiler import cache as kernel_cache
from engine.compiler import entries, folders, origins
from engine.compiler.jit import address, compiled

HEADER = """
import enum, math, os, sys
from collections import namedtuple
import numpy as np
from engine.compiler.jit import compiled, jittable
from engine.compiler.linking import linked
"""


def cell(text: str, **given: Any) -> dict[str, Any]:
    """What a cell of a notebook defines."""
    scope: dict[str, Any] = {"__name__": "__main__", **given}
    exec(compile(HEADER + text, "<cell>", "exec"), scope)
    return scope


def printed(folder: Path, code: str, **environment: str) -> str:
    """What a process of its own prints: it imports from the folder, and has its cache there."""
    path = os.pathsep.join([str(folder), str(Path(folders.PACKAGE).parent)])
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


SETTING = f"""{HEADER}
G = float(os.environ["G"])
@compiled
def inner(x): return x * G
@compiled
def outer(x): return inner(x) + 0.5
@compiled
def big(x): return x * G
by_name = linked(big)
@compiled
def caller(x): return by_name(x) + 0.5
@jittable
def helper(x): return x * G
@compiled
def applied(function, x): return function(x) + 0.25
@compiled
def first(x): return helper(x)
@compiled
def second(x): return helper(x) + 1
"""


def test_a_constant_that_changes_and_changes_back(tmp_path: Path) -> None:
    """The callee was compiled for another precision in between."""
    (tmp_path / "setting.py").write_text(SETTING)
    half = "import numpy as np, setting as s; f = np.float32;"
    between = "s.inner(1.0); s.G = 2.0; s.inner(f(1)); s.G = 1.0;"
    printed(tmp_path, half + between + "s.outer(f(1))", G="1")
    assert printed(tmp_path, half + "print(s.outer(f(1)))", G="1") == "1.5"


def test_a_callee_that_was_compiled_with_another_constant(tmp_path: Path) -> None:
    """The process that changed it goes on with what it has; nobody else is given that."""
    (tmp_path / "setting.py").write_text(SETTING)
    call = "print(s.outer(1.0), s.caller(1.0), s.second(1.0), s.applied(s.inner, 1.0))"
    before = "import setting as s; s.inner(1.0); s.big(1.0); s.first(1.0); s.G = 2.0;"
    printed(tmp_path, before + call, G="1")
    assert printed(tmp_path, "import setting as s;" + call, G="2") == "2.5 2.5 3.0 2.25"
    assert printed(tmp_path, "import setting as s;" + call, G="1") == "1.5 1.5 2.0 1.25"


UNSEEN = {
    "a helper behind a large array": (
        (
            "TABLE = np.zeros(200_000)\n@jittable\ndef helper(x): return x * G\n"
            "@compiled\ndef first(x): return TABLE[0] + helper(x)\n"
            "@compiled\ndef second(x): return helper(x) + 0.5\n"
        ),
        "s.first(1.0); s.G = 2.0;",
        "print(s.second(1.0))",
        {"1": "1.5", "2": "2.5"},
    ),
    "a callee that was given a function without a digest": (
        (
            "@jittable\ndef plain(x): return x\n@compiled\ndef ident(x): return x\n"
            "@compiled\ndef apply(a, x): return a(x) * G\n"
            "@compiled\ndef first(x): return apply(plain, x)\n"
            "@compiled\ndef outer(x): return apply(ident, x) + 0.5\n"
        ),
        "s.first(1.0); s.G = 2.0; s.apply(s.ident, 1.0); s.G = 1.0;",
        "print(s.outer(1.0))",
        {"1": "1.5", "2": "2.5"},
    ),
    "a function that is called by what it calls": (
        (
            "@compiled\ndef f(x, y=None):\n    if y is None: return x * G\n"
            "    return g(x) + y * G\n"
            "@compiled\ndef g(x): return f(x)\n"
        ),
        "s.g(1.0); s.G = 2.0;",
        "print(s.f(1.0, 1.0))",
        {"1": "2.0", "2": "4.0"},
    ),
    "the sign of a NaN": (
        (
            "N = float('nan') * 1.0\n@jittable\ndef helper(x): return math.copysign(x, N)\n"
            "@compiled\ndef first(x): return helper(x)\n"
            "@compiled\ndef second(x): return helper(x) + 0.5\n"
        ),
        "s.N = abs(s.N); s.first(1.0); s.N = -abs(s.N); s.second(1.0);",
        "s.N = math.copysign(s.N, 3 - 2 * s.G); print(s.second(1.0))",
        {"1": "1.5", "2": "-0.5"},
    ),
}


@pytest.mark.parametrize("what", UNSEEN)
def test_code_that_a_digest_did_not_reach_is_not_given_to_others(what: str, tmp_path: Path) -> None:
    """A process compiles a helper, changes what it reads, and compiles what calls the helper."""
    code, before, call, expected = UNSEEN[what]
    (tmp_path / "setting.py").write_text(f"{HEADER}\nG = float(os.environ['G'])\n{code}")
    use = "import math, setting as s;"
    printed(tmp_path, use + before + call, G="1")
    assert {g: printed(tmp_path, use + call, G=g) for g in expected} == expected


@pytest.mark.parametrize("tool", ["cProfile", "trace --trace --ignore-dir=/", "timeit"])
def test_a_script_that_a_tool_of_python_runs_is_edited(tool: str, tmp_path: Path) -> None:
    found = []
    for n in (1, 2):
        script = tmp_path / "script.py"
        script.write_text(f"{HEADER}\n@compiled\ndef f(x): return x + {n}\nprint('=', f(1.0))\n")
        given = ["-n1", "-r1", script.read_text()] if tool == "timeit" else [str(script)]
        run = subprocess.run(
            [sys.executable, "-m", *tool.split(), *given],
            env={
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
                "PYTHONPATH": str(folders.PACKAGE.parent),
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert run.returncode == 0, run.stderr
        found.append(next(line for line in run.stdout.splitlines() if line.startswith("= ")))
    assert found == ["= 2.0", "= 3.0"]


def test_classes_that_a_script_defines_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        f"{HEADER}\nP = namedtuple('P', 'a b')\nclass E(Exception): pass\n"
        "@compiled\ndef pair(x): return P(x, x)\n"
        "@compiled\ndef fail(x):\n    if x > 0: raise E('no')\n    return x\n"
        "try: fail(1.0)\nexcept E: caught = True\n"
        "print(type(pair(1.0)) is P, caught)\n"
    )
    code = "import runpy; runpy.run_path('{}', run_name='__main__')"
    script = code.format(tmp_path / "script.py")
    assert [printed(tmp_path, script) for _ in range(2)] == ["True True"] * 2
    assert printed(tmp_path, f"{script}; {script}") == "True True\nTrue True"


def test_integers_may_say_anything_of_themselves(tmp_path: Path) -> None:
    code = (
        "class Quiet(int):\n    def __repr__(self): return 'quiet'\n    __str__ = int.__repr__\n"
        "N = Quiet(os.environ['N'])\n@compiled\ndef f(x): return x + N\n"
    )
    (tmp_path / "setting.py").write_text(HEADER + code)
    call = "import setting; print(setting.f(1.0))"
    assert [printed(tmp_path, call, N=n) for n in ("1", "2")] == ["2.0", "3.0"]


def test_generators_are_refused_with_what_to_do() -> None:
    def count(n: int) -> Any:
        yield n

    with pytest.raises(TypeError, match="@jittable"):
        compiled(count)


EDITED = {
    "member of an enumeration": (
        "import enum\nclass Kind(enum.Enum):\n    A = {n}",
        "from other import Kind\n@compiled\ndef f(x):\n    return x + Kind.A.value",
    ),
    "field of a constant": (
        "from collections import namedtuple\nCFG = namedtuple('CFG', {names})(1.0, 2.0)",
        "from other import CFG\n@compiled\ndef f(x):\n    return x + CFG.a",
    ),
    "constant of a module": (
        "CONSTANT = {n}",
        "import other\n@compiled\ndef f(x):\n    return x + other.CONSTANT",
    ),
    "function of a module with a name of Python's": (
        "from engine.compiler.jit import jittable\n@jittable\ndef g(x):\n    return x + {n}",
        "from other import g\n@compiled\ndef f(x):\n    return g(x)",
    ),
}


@pytest.mark.parametrize("what", EDITED)
def test_something_in_another_file_is_edited(what: str, tmp_path: Path) -> None:
    other, kernel = EDITED[what]
    name = "sched" if "Python's" in what else "other"
    assert "sched" in sys.stdlib_module_names
    (tmp_path / "kernel.py").write_text(HEADER + kernel.replace("other", name))
    found = []
    for n, names in ((1, "'a b'"), (1, "'a b'"), (2, "'b a'")):
        (tmp_path / f"{name}.py").write_text(other.format(n=n, names=names))
        found.append(printed(tmp_path, "import kernel; print(kernel.f(1.0))"))
    assert found == ["2.0", "2.0", "3.0"]


def test_builtin_functions_of_one_name() -> None:
    import cmath

    def make(function: Any) -> Any:
        return compiled(lambda x: function(x) + 0)

    assert make(math.sqrt)(4.0) == 2.0
    assert make(cmath.sqrt)(4.0) == 2 + 0j
    assert isinstance(make(cmath.sqrt)(4.0), complex)


def test_types_that_somebody_else_has_fixed() -> None:
    def third(x: Any) -> Any:
        y = x / 3
        return y + 0

    answers = []
    for kind in (numba.float32, numba.float64):
        callee = numba.njit(locals={"y": kind})(third)
        answers.append(compiled(lambda x: callee(x) + 0)(1.0))  # noqa: B023  # one each
    assert answers[0] != answers[1] == 1 / 3


def test_a_module_that_is_enclosed() -> None:
    module = ModuleType("constants")
    answers = []
    for constant in (1.0, 2.0):
        module.__dict__["CONSTANT"] = constant
        answers.append(compiled(_adds(module))(0.0))
    assert answers == [1.0, 2.0]


def _adds(module: Any) -> Any:
    def f(x: float) -> float:
        return x + float(module.CONSTANT)

    return f


def test_large_arrays_are_where_they_are() -> None:
    """Machine code has their address: equal ones are not the same."""

    def make(a: Any) -> Any:
        def f(i: int) -> Any:
            return a[i]

        return compiled(f)

    large = np.zeros(200_000)
    one = make(large)
    assert one(3) == 0
    other = large.copy()
    large[3] = 99.0
    assert make(other)(3) == 0


def test_a_helper_that_prints(tmp_path: Path) -> None:
    """It needs Python objects of its own, in this process and loaded by another."""
    text = f"""{HEADER}
@jittable
def g(x):
    print("x is", x)
    return x + 1
@compiled
def f(x): return g(x)
"""
    (tmp_path / "prints.py").write_text(text)
    for _ in range(2):
        out = printed(tmp_path, "import prints; print(prints.f(1.0))")
        assert out.splitlines() == ["x is 1.0", "2.0"]


def test_functions_that_call_each_other(tmp_path: Path) -> None:
    """The compiler finds them while it compiles, and would not when they are loaded."""
    text = f"""{HEADER}
@compiled
def even(n): return True if n == 0 else odd(n - 1)
@compiled
def odd(n): return False if n == 0 else even(n - 1)
@compiled
def f(n): return even(n)
"""
    (tmp_path / "mutual.py").write_text(text)
    for _ in range(2):
        assert printed(tmp_path, "import mutual as m; print(m.f(10), m.f(7))") == "True False"


def test_an_array_in_a_tuple_that_changes_in_place(tmp_path: Path) -> None:
    text = f"""{HEADER}
a = np.full(3, float(os.environ["A"]))
pair = (a, a)
@jittable
def h(i): return pair[0][i]
@compiled
def one(i): return h(i)
@compiled
def two(i): return h(i) + 0.5
"""
    (tmp_path / "nested.py").write_text(text)
    change = "import nested as n; n.one(0); n.a[:] = 5.0; n.two(0)"
    printed(tmp_path, change, A="1")
    assert printed(tmp_path, "import nested as n; print(n.two(0))", A="5") == "5.5"


def test_a_function_that_says_it_is_another() -> None:
    def make(text: str) -> Any:
        function = functools.wraps(np.clip)(cell(f"def f(a, b, c): return {text}")["f"])
        del function.__wrapped__
        return compiled(function)

    assert [make(text)(1.0, 2.0, 3.0) for text in ("a + b", "b + c")] == [3.0, 5.0]


@pytest.mark.parametrize("name", ["numba_stats", "numpy_groupies", "scipy"])
def test_other_packages_are_told_by_their_content(name: str) -> None:
    folder = Path(str(np.__file__)).parents[1]
    assert not origins._is_versioned(name, str(folder / name / "__init__.py"))
    assert origins._is_versioned("numpy", str(np.__file__))


def test_one_of_two_equal_kernels_is_dropped() -> None:
    def make(n: float) -> Any:
        def scale(x: float) -> float:
            return x * n

        return compiled(scale)

    first, second = make(2.0), make(2.0)
    assert first(1.0) == second(1.0) == 2.0
    del first
    gc.collect()
    assert compiled(lambda x: second(x) + 1)(1.0) == 3.0


def test_a_compilation_that_fails_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the same cell, typed in again, nor another process."""
    monkeypatch.setattr(kernel_cache, "cache_folder", lambda: tmp_path)
    done = threading.Event()

    def fail() -> None:
        for _ in range(2):
            fails = cell("@compiled\ndef f(x): return x + nothing")["f"]
            for _ in range(2):
                with pytest.raises(numba.TypingError):
                    fails(1.0)
        done.set()

    thread = threading.Thread(target=fail)
    thread.start()
    assert done.wait(30), "it waits for its own lock"
    thread.join()
    assert list(tmp_path.iterdir()) == []


def test_an_entry_that_refers_to_what_is_gone_is_compiled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_cache, "cache_folder", lambda: tmp_path)
    text = "@compiled\ndef f(x): return x + 77"
    assert cell(text)["f"](1.0) == 78.0
    (entry,) = tmp_path.iterdir()
    entries.write_entry(entry, b"cno_such_module\nthing\n.")
    monkeypatch.setattr(kernel_cache, "_RESULTS", {})
    assert cell(text)["f"](1.0) == 78.0
    assert entries.read_entry(entry) != b"cno_such_module\nthing\n."


def test_a_flag_of_zero_is_a_constant() -> None:
    scope = cell("class C(enum.IntFlag):\n    A = 1\nN = C(0)\n@compiled\ndef f(x): return x + N")
    assert scope["f"](1.0) == 1.0


def test_a_linked_function_is_defined_again_with_more_arguments() -> None:
    scope = cell("@compiled\ndef big(x): return x + 1\nby_name = linked(big)")
    caller = cell("@compiled\ndef caller(x): return by_name(x)", by_name=scope["by_name"])["caller"]
    cell("@compiled\ndef big(x, y): return x + y\nby_name = linked(big)")
    assert caller(1.0) == 2.0


def test_a_class_that_is_typed_in_again() -> None:
    """An instance of the newer class is not one of the older, however alike they are."""
    text = "P = namedtuple('P', 'a b')\n@compiled\ndef f(p): return P(p.b, p.a)"
    for _ in range(2):
        scope = cell(text)
        swapped = scope["f"](scope["P"](1.0, 2.0))
        assert swapped == (2.0, 1.0)
        assert type(swapped) is scope["P"]


def test_addresses_of_what_is_typed_in_again() -> None:
    text = "@compiled\ndef f(x): return x + 55"
    places = {address(cell(text)["f"], (float64,)) for _ in range(3)}
    assert len(places) == 1


def test_two_compiled_functions_of_one_function_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """The lock of a process is its own, whichever of them took it."""
    code = (
        "def double(x): return x * 2\nagain = compiled(double)\nother = compiled(double)\n"
        "@compiled\ndef both(x): return again(x) + other(x)\n"
    )
    (tmp_path / "setting.py").write_text(HEADER + code)
    assert printed(tmp_path, "import setting; print(setting.both(1.0))") == "4.0"


def test_what_cannot_be_written_down_is_compiled_all_the_same(tmp_path: Path) -> None:
    code = (
        "@jittable\ndef helper(x): return x * 2\n@compiled\ndef big(fn, x): return fn(x) + 1\n"
        "by_name = linked(big)\n@compiled\ndef caller(x): return by_name(helper, x)\n"
    )
    (tmp_path / "setting.py").write_text(HEADER + code)
    call = "import setting; print(setting.caller(4.0))"
    assert [printed(tmp_path, call) for _ in range(2)] == ["9.0", "9.0"]


def test_blocks_that_python_runs_are_refused() -> None:
    @compiled
    def function(x: float) -> float:
        with numba.objmode(y="float64"):
            y = x + 1.0
        return y * 2

    with pytest.raises(TypeError, match=r"numba\.objmode"):
        function(1.0)
