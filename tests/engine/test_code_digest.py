"""What a function's machine code depends on is in its digest, and in the name of the code."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
import pytest
from numba import float32, float64, types
from numba.extending import overload

from engine.compiler import cache as kernel_cache
from engine.compiler import folders
from engine.compiler.content import NoContentDigest
from engine.compiler.digest import content_digest
from engine.compiler.jit import address, compiled, compiled_exactly, jittable, kernel
from engine.compiler.linking import linked
from engine.compiler.symbols import SymbolConflict

TYPED_IN = """
{constants}
@jittable
def helper(x):
    return {helper}

def make(inner):
    def outer(x):
        return inner(x) {outer}
    return outer

function = make(jittable(lambda x: helper(x) {inner}))
"""


def typed_in(
    constants: str = "", helper: str = "x", outer: str = "+ 1", inner: str = "* 2"
) -> Callable[..., Any]:
    """A closure over a lambda that calls a global function, as a notebook's cell would make it."""
    scope: dict[str, Any] = {"__name__": "__main__", "np": np, "jittable": jittable}
    text = TYPED_IN.format(constants=constants, helper=helper, outer=outer, inner=inner)
    exec(compile(text, "<cell>", "exec"), scope)
    function: Callable[..., Any] = scope["function"]
    return function


VARIANTS: dict[str, dict[str, str]] = {
    "its own lines": {"outer": "+ 3"},
    "a lambda that it encloses": {"inner": "* 3"},
    "a function that this one names": {"helper": "x - 1"},
    "a sign of zero": {"helper": "x * -0.0"},
    "another zero": {"helper": "x * 0.0"},
    "a constant": {"constants": "a = 1.5", "helper": "x + a"},
    "its value": {"constants": "a = 1.25", "helper": "x + a"},
    "its type": {"constants": "a = np.float32(1.25)", "helper": "x + a"},
    "an array": {"constants": "a = np.arange(3.0)", "helper": "x + a[1]"},
    "its numbers": {"constants": "a = np.arange(3.0) + 1", "helper": "x + a[1]"},
    "a tuple": {"constants": "a = (1, 2)", "helper": "x + a[1]"},
    "a number in it": {"constants": "a = (1, 3)", "helper": "x + a[1]"},
    "a default": {"constants": "@jittable\ndef g(x, y=1): return x + y", "helper": "g(x)"},
    "its number": {"constants": "@jittable\ndef g(x, y=2): return x + y", "helper": "g(x)"},
}


def test_everything_that_a_function_depends_on_tells_it_apart() -> None:
    digests = {name: content_digest(typed_in(**given)) for name, given in VARIANTS.items()}
    digests["as it was"] = content_digest(typed_in())
    assert len(set(digests.values())) == len(digests)


@pytest.mark.parametrize("given", [{}, *VARIANTS.values()], ids=["as it was", *VARIANTS])
def test_what_is_typed_in_again_is_the_same(given: dict[str, str]) -> None:
    assert content_digest(typed_in(**given)) == content_digest(typed_in(**given))


def test_each_answers_for_itself() -> None:
    """All have one qualified name, are compiled in one process, and are asked more than once."""
    kernels = [(compiled(typed_in(**given)), typed_in(**given)) for given in VARIANTS.values()]
    for _ in range(2):
        for made, plain in reversed(kernels):
            assert made(2.0) == plain(2.0)
    assert len({address(made, (float64,)) for made, _ in kernels}) == len(kernels)


def test_names_of_files_and_lines_are_not_content() -> None:
    def function(x: float) -> float:
        return x + 1

    moved = function.__code__.replace(co_filename="elsewhere", co_firstlineno=1000)
    again = FunctionType(moved, function.__globals__, "function")
    again.__qualname__ = function.__qualname__
    assert content_digest(again.__code__) == content_digest(function.__code__)


def test_functions_may_name_each_other() -> None:
    def scope(comparison: str) -> dict[str, Any]:
        made: dict[str, Any] = {"__name__": "__main__"}
        exec("def even(n):\n    return n == 0 or odd(n - 1)", made)
        exec(f"def odd(n):\n    return n {comparison} even(n - 1)", made)
        return made

    one = scope("!= 0 and")
    assert content_digest(one["even"]) == content_digest(scope("!= 0 and")["even"])
    assert content_digest(one["even"]) != content_digest(scope("== 7 or")["even"])
    exec("def odd(n):\n    return n == 7 or even(n - 1)", one)
    with pytest.raises(NoContentDigest, match="has changed"):  # it calls itself as it was
        content_digest(one["even"])


def test_what_is_known_by_its_identity_alone_has_no_digest() -> None:
    thing = object()

    def function() -> Any:
        return thing

    with pytest.raises(NoContentDigest, match=r"builtins\.object"):
        content_digest(function)


def test_a_function_that_depends_on_such_a_value_is_compiled_by_every_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of one name and one text: neither is kept, and none answers for the other."""
    monkeypatch.setattr(kernel_cache, "cache_folder", lambda: tmp_path)
    text = "class Opaque: pass\nopaque = Opaque()\ndef f(x):\n    return x + {n}\n    opaque"
    made = []
    for number in (1, 2):
        scope: dict[str, Any] = {"__name__": "__main__"}
        exec(text.format(n=number), scope)
        made.append(compiled(scope["f"]))
    assert [f(1.0) for f in made] == [2.0, 3.0]
    assert [f(1.0) for f in made] == [2.0, 3.0]
    assert list(tmp_path.iterdir()) == []


def test_options_are_content() -> None:
    """Sums may be reassociated in one, and not in the other; Python can call one, not the other."""

    def total(numbers: Any) -> float:
        found = 0.0
        for number in numbers:
            found += number
        return found

    numbers = np.array([1e16, 1.0, -1e16, 1.0] * 8)
    in_order = total(numbers)
    array = (types.Array(float64, 1, "C"),)
    makers = (compiled, compiled_exactly, kernel)
    places = {maker: address(maker(total), array) for maker in makers}
    assert len(set(places.values())) == 3
    assert compiled_exactly(total)(numbers) == in_order


def test_a_tuple_whose_fields_change_places() -> None:
    """Its fields are compiled as numbers."""
    kinds: list[Any] = [
        NamedTuple("Pair", [("a", float), ("b", float)]),
        NamedTuple("Pair", [("b", float), ("a", float)]),
    ]

    def first(pair: Any) -> float:
        return float(pair.a)

    assert [compiled(first)(kind(a=1.0, b=2.0)) for kind in kinds] == [1.0, 1.0]


def test_a_constant_that_changes_between_two_precisions() -> None:
    """The compiler reads it each time; so does the digest."""
    scope: dict[str, Any] = {"__name__": "__main__", "factor": 2.0}
    exec("def scaled(x):\n    return x * factor", scope)
    older = compiled(scope["scaled"])
    address(older, (float64,))
    scope["factor"] = 3.0
    address(older, (float32,))
    newer = compiled(scope["scaled"])
    assert (older(1.0), older(np.float32(1.0)), newer(1.0)) == (2.0, 3.0, 3.0)
    assert newer(np.float32(1.0)) == 3.0


def test_a_function_with_an_overload_of_its_own() -> None:
    """What is compiled is not what Python would call."""

    def make(added: int) -> Any:
        def mine(x):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  # as its lambda
            raise NotImplementedError

        @overload(mine)
        def chosen(x):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001
            return lambda x: x + added

        def outer(x: Any) -> Any:
            return mine(x)

        return outer

    functions = [compiled(make(added)) for added in (1, 2)]
    assert [f(1.0) for f in functions] == [2.0, 3.0]


def test_a_partial_is_refused_and_one_that_is_enclosed_too() -> None:
    def add(x: Any, y: Any) -> Any:
        return x + y

    with pytest.raises(TypeError, match="not a function"):
        compiled(partial(add, 1.0))
    assert content_digest(partial(add, 1.0)) != content_digest(partial(add, 2.0))


def test_a_linked_function_that_is_defined_again() -> None:
    """Each caller keeps the one that it was compiled with."""
    callers = []
    for number in (10, 20):
        scope: dict[str, Any] = {"__name__": "__main__", "compiled": compiled, "linked": linked}
        exec(
            f"@compiled\ndef add(x):\n    return x + {number}\n"
            "by_name = linked(add)\n"
            "@compiled\ndef caller(x):\n    return by_name(x)",
            scope,
        )
        callers.append(scope["caller"])
    for _ in range(2):
        assert [caller(1.0) for caller in callers] == [11.0, 21.0]


def test_addresses_outlive_who_asked_for_them() -> None:
    """Machine code stays, and no other code comes to lie where it was."""

    def made(number: int) -> Any:
        return kernel(jittable(lambda x: x + number))

    places = []
    for number in range(20):
        places.append(address(made(number), (float64,)))
        gc.collect()
    assert len(set(places)) == 20
    assert [address(made(number), (float64,)) for number in range(20)] == places


def test_code_under_the_name_of_other_code_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that was copied over another: intact, and not what its name says."""
    monkeypatch.setattr(kernel_cache, "cache_folder", lambda: tmp_path)
    for number in (101, 102):
        address(compiled(typed_in(outer=f"+ {number}")), (float64,))
    one, other = sorted(tmp_path.iterdir())
    one.write_bytes(other.read_bytes())
    monkeypatch.setattr(kernel_cache, "_RESULTS", {})
    refused = 0
    for number in (101, 102):
        try:
            assert compiled(typed_in(outer=f"+ {number}"))(1.0) == 2.0 + number
        except SymbolConflict:
            refused += 1
    assert refused == 1


def test_an_engine_that_was_upgraded_meanwhile_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that runs the source of before leaves nothing for processes of after."""
    monkeypatch.setattr(kernel_cache, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(folders, "_source_on_disk", lambda: "another")
    assert compiled(typed_in(outer="+ 201"))(1.0) == 203.0
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    monkeypatch.setattr(kernel_cache, "cache_folder", lambda: tmp_path)
    assert compiled(typed_in(outer="+ 202"))(1.0) == 204.0
    assert len(list(tmp_path.iterdir())) == 1


EXTENSION = """
import sys
import numpy as np
from engine.compiler.jit import compiled
import helpers

@compiled
def kernel(x):
    return helpers.shift(x)

print(kernel(1.0), sum(kernel.stats.cache_misses.values()))
"""


def test_a_helper_in_another_file_that_is_edited(tmp_path: Path) -> None:
    """A kernel of a user's own, that calls what another module of theirs defines."""
    (tmp_path / "extension.py").write_text(EXTENSION)
    printed = []
    for number in (1, 1, 2):
        (tmp_path / "helpers.py").write_text(
            f"from engine.kernels import jittable\n"
            f"@jittable\ndef shift(x):\n    return x + {number}"
        )
        run = subprocess.run(
            [sys.executable, "-c", "import extension"],
            env={"XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONPATH": paths(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        printed.append(run.stdout.strip())
    assert printed == ["2.0 1", "2.0 0", "3.0 1"]


def paths(folder: Path) -> str:
    return f"{folder}:{folders.PACKAGE.parent}"
