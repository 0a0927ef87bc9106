"""The parts of Numba that have no public interface, and that the engine's compiler uses anyway.

Another minor version of Numba may change any of them; ``pyproject.toml`` therefore has a ceiling.
Whoever raises it learns here, by name, what is missing or has another shape.
"""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np
import pytest
from numba.core import cgutils, config, dispatcher, environment, serialize, sigutils
from numba.core.bytecode import FunctionIdentity
from numba.core.codegen import JITCodeLibrary, RuntimeLinker
from numba.core.compiler import Compiler, CompileResult
from numba.core.extending import _Intrinsic
from numba.core.registry import cpu_target
from numba.core.typing.templates import AttributeTemplate, Signature
from numba.core.untyped_passes import ExtractByteCode
from numba.extending import intrinsic, overload
from numba.np import arrayobj, numpy_support

from engine.compiler import cache

ROOT = Path(__file__).parents[2]
PUBLIC = {"numba", "numba.extending", "llvmlite", "llvmlite.binding", "llvmlite.ir"}


@numba.njit
def example(x: Any) -> Any:
    return x + 1


def stands_in(x: Any) -> Any:
    """A function of Python for which the compiler is given another one."""
    return x


@overload(stands_in, inline="never")
def _overload_of_stands_in(_x: Any) -> Any:
    return lambda _x: 1


@intrinsic
def made_by_hand(typing_context: Any, x: Any) -> Any:  # noqa: ARG001
    return x(x), lambda _context, _builder, _signature, values: values[0]


@pytest.fixture(scope="module")
def result() -> Any:
    """A compilation, as Numba's own cache is given it."""
    example(1)
    return example.overloads[(numba.types.int64,)]


def takes(function: Any, *names: str) -> bool:
    """Whether a function has parameters of these names, in this order, perhaps after others."""
    found = [name for name in inspect.signature(function).parameters if name in names]
    return found == list(names)


def template_of(function: Any) -> Any:
    cpu_target.typing_context.refresh()
    known: Any = cpu_target.typing_context._lookup_global(function)
    return known.templates[0]


def library_of(result: Any) -> Any:
    return result.library


MAPPINGS = {dict, OrderedDict}

CHECKS: dict[str, Callable[[Any], object]] = {
    # symbols.py: the pipeline, the library, and the objects that machine code refers to
    "numba.core.bytecode.FunctionIdentity": lambda _: isinstance(
        FunctionIdentity.from_function(example.py_func).unique_id, int
    ),
    "arg_names, arg_count": lambda _: (
        FunctionIdentity.from_function(example.py_func).arg_names == ["x"]
        and FunctionIdentity.from_function(example.py_func).arg_count == 1
    ),
    "numba.core.codegen.JITCodeLibrary": lambda _: (
        takes(JITCodeLibrary, "codegen", "name")
        and all(
            callable(getattr(JITCodeLibrary, name))
            for name in ("_finalize_final_module", "enable_object_caching")
        )
    ),
    "numba.core.codegen.RuntimeLinker": lambda _: isinstance(RuntimeLinker.PREFIX, str),
    "_final_module": lambda result: list(library_of(result)._final_module.global_variables),
    "_codegen": lambda result: callable(library_of(result)._codegen.set_env),
    "has_dynamic_globals": lambda result: library_of(result).has_dynamic_globals is False,
    "_reload_init": lambda result: isinstance(library_of(result)._reload_init, set),
    "numba.core.compiler.Compiler": lambda _: (
        takes(Compiler.compile_extra, "func")
        and takes(Compiler._compile_bytecode, "self")
        and takes(Compiler, "typingctx", "targetctx", "args", "return_type")
    ),
    "numba.core.untyped_passes.ExtractByteCode": lambda _: takes(ExtractByteCode.run_pass, "state"),
    "numba.core.environment": lambda result: (
        result.fndesc.env_name.startswith("_ZN08NumbaEnv")
        and environment.lookup_environment(result.fndesc.env_name) is result.environment
        and isinstance(result.environment.consts, list)
    ),
    "_memo": lambda result: (
        environment.Environment._memo[result.fndesc.env_name] is result.environment
    ),
    # jit.py and digest.py: dispatchers and what they were told
    "numba.core.dispatcher.Dispatcher": lambda _: (
        isinstance(example, dispatcher.Dispatcher)
        and {type(example.targetoptions), type(example.overloads)} <= MAPPINGS
    ),
    "_cache": lambda _: (
        {"cache_path", "load_overload", "save_overload"} <= set(dir(example._cache))
    ),
    "_compiler": lambda _: isinstance(example._compiler.locals, dict),
    "_failed_cache": lambda _: example._compiler._failed_cache == {},
    "_can_compile": lambda _: example._can_compile is True,
    "numba.core.registry": lambda _: cpu_target.target_context is not None,
    "_lookup_global": lambda _: (
        template_of(stands_in)._overload_func.__name__ == "_overload_of_stands_in"
        and "inline" not in template_of(stands_in)._jit_options
    ),
    "numba.core.extending._Intrinsic": lambda _: isinstance(made_by_hand, _Intrinsic),
    "_defn": lambda _: made_by_hand._defn.__name__ == "made_by_hand",
    "numba.core.typing.templates": lambda result: (
        isinstance(result.signature, Signature) and hasattr(AttributeTemplate, "generic_resolve")
    ),
    # cache.py: a result in pieces, and what tells one platform from another
    "numba.core.compiler.CompileResult": lambda result: isinstance(result, CompileResult),
    "_reduce": lambda result: result._reduce()[1].llvm_func_name,
    "_rebuild": lambda result: (
        CompileResult._rebuild(cpu_target.target_context, *result._reduce()).signature
        == result.signature
    ),
    "numba.core.serialize": lambda result: isinstance(serialize.dumps(result._reduce()), bytes),
    "numba.core.sigutils": lambda _: (
        sigutils.normalize_signature("int64(int64)") == ((numba.types.int64,), numba.types.int64)
    ),
    "numba.core.config": lambda _: all(
        hasattr(config, name)
        for name in (*cache._SETTINGS, "CACHE_DIR", "CPU_NAME", "CPU_FEATURES", "DISABLE_JIT")
    ),
    "magic_tuple": lambda _: cpu_target.target_context.codegen().magic_tuple()[1:],
    # arrays.py, simd.py, kernels.py: building instructions
    "numba.core.cgutils": lambda _: all(
        callable(getattr(cgutils, name))
        for name in (
            *("unpack_tuple", "pointer_add", "raw_memmove", "loop_nest", "get_item_pointer"),
            *("get_or_insert_function", "if_unlikely"),
        )
    ),
    "numba.np.arrayobj": lambda _: takes(
        arrayobj.populate_array, "array", "data", "shape", "strides", "itemsize", "meminfo"
    ),
    "_getvalue": lambda _: callable(
        arrayobj.make_array(numba.types.Array(numba.types.float64, 1, "C"))._getvalue
    ),
    "numba.np.numpy_support": lambda _: numpy_support.as_dtype(numba.float32) == np.float32,
    "numba.core.errors": lambda _: issubclass(numba.core.errors.TypingError, Exception),
    "llvmlite.binding.Linkage": lambda _: llvm.Linkage.internal.name == "internal",
}


@pytest.mark.parametrize("part", CHECKS)
def test_numba_still_has_it(part: str, result: Any) -> None:
    message = f"Numba {numba.__version__} has no {part} as engine/compiler uses it"
    try:
        fits = CHECKS[part](result)
    except Exception as error:  # noqa: BLE001  # whatever it is, it names the part
        pytest.fail(f"{message}: {error!r}")
    assert fits, message


def private_parts() -> Iterator[str]:
    """What the engine imports from below Numba's public modules, and its marked private members."""
    for file in sorted((ROOT / "engine").rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                head = node.module.partition(".")[0]
                if head in {"numba", "llvmlite"} and node.module not in PUBLIC:
                    yield from (f"{node.module}.{alias.name}" for alias in node.names)
        for line in source.splitlines():
            code, marked, _ = line.partition("# noqa: SLF001")
            if marked:
                yield from re.findall(r"\.(_[a-z]\w*)", code)


OF_THE_ENGINE = {"_type"}
"""Private members of the engine's own classes."""


def test_the_list_is_complete() -> None:
    unlisted = {
        part
        for part in private_parts()
        if part not in CHECKS | dict.fromkeys(OF_THE_ENGINE)
        and part.rpartition(".")[0] not in CHECKS
    }
    assert unlisted == set(), "add a check of each of them to CHECKS"


def test_the_ceiling_is_the_version_that_is_tested() -> None:
    """As a range: the minor version that the locks have is the last one allowed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    server = project["optional-dependencies"]["server"]
    (wanted,) = (each for each in server if each.startswith("numba"))
    lock = (ROOT / "requirements/runtime.lock").read_text(encoding="utf-8")
    found = re.search(r"^numba==(\d+)\.(\d+)\.", lock, re.MULTILINE)
    assert found is not None
    major, minor = map(int, found.groups())
    assert wanted.endswith(f",<{major}.{minor + 1}")
