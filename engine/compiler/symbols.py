"""Names of machine code: every compiled function defines symbols that are its own.

The linker of a process knows machine code by symbols. Numba makes them from a function's name, its
argument types and a number that counts up in the process that compiles it, which is unique there
and nowhere else: code of two processes, kept on the disk and loaded by a third, may bear one name,
and whoever asks for one function is given the other. Here the number is a digest of all that the
code depends on. Whatever else it is made of (functions that it calls and that were not merged into
it, constants) is internal to it and bears the digest too, so it neither defines a name for others
nor takes a definition of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite.binding import Linkage
from numba.core.bytecode import FunctionIdentity
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.environment import lookup_environment
from numba.core.untyped_passes import ExtractByteCode

__all__ = ["KernelCompiler", "SymbolConflict", "defined_symbols", "refuse_other_code"]

_ENVIRONMENT = "_ZN08NumbaEnv"
"""How Numba's names of variables begin that point to a function's Python objects."""


class SymbolConflict(RuntimeError):
    """Machine code would take a name that is not its own: an internal error."""


class KernelCompiler(Compiler):
    """Numba's compiler, for code that is named by its content.

    ``key_of`` gives the digest for argument types and a return type (None: whatever it turns out to
    be).
    """

    def __init__(self, *arguments: Any, key_of: Callable[[Any, Any], str]) -> None:
        super().__init__(*arguments)
        self._key_of = key_of

    def compile_extra(self, function: Any) -> Any:
        """Compile a function; as Numba's, but for the number of the function and its library."""
        state: Any = self.state
        key = self._key_of(state.args, state.return_type)
        state.func_id = FunctionIdentity.from_function(function)
        state.func_id.unique_id = key
        state.library = _SelfContainedLibrary(state.targetctx.codegen(), key)
        state.library.enable_object_caching()
        ExtractByteCode().run_pass(state)
        state.lifted, state.lifted_from = (), None
        return self._compile_bytecode()


class _SelfContainedLibrary(JITCodeLibrary):
    """The machine code of a function; its key is in the names that others may use."""

    def __init__(self, codegen: Any, key: str) -> None:
        super().__init__(codegen, key)
        self._key = key

    def _finalize_final_module(self) -> None:
        """All is merged and optimised, and becomes machine code now."""
        for value in _definitions(self._final_module):
            if self._key not in value.name:
                _refuse_python_objects(value.name)
                value.linkage = Linkage.internal
                value.name = f"{value.name}.{self._key}"
        super()._finalize_final_module()


def defined_symbols(module: Any) -> list[str]:
    """The names of everything that a module of LLVM's defines, internal or not."""
    return [value.name for value in _definitions(module)]


def refuse_other_code(function: Any, key: str) -> None:
    """Raise ``SymbolConflict`` where what was kept under a key has the names of something else.

    ``function`` is Numba's description of the compiled function.
    """
    for name in (function.llvm_func_name, function.env_name):
        if key not in name:
            raise SymbolConflict(f"machine code that was kept as {key} defines {name}")


def _definitions(module: Any) -> list[Any]:
    """Functions and variables; not what LLVM itself reads, like ``llvm.used``."""
    values = [*module.functions, *module.global_variables]
    return [v for v in values if not v.is_declaration and not v.name.startswith("llvm.")]


def _refuse_python_objects(name: str) -> None:
    """A function that was merged into another cannot have Python objects of its own."""
    if name.startswith(_ENVIRONMENT):
        environment = lookup_environment(name)
        if environment is not None and environment.consts:
            raise SymbolConflict(f"{name!r} needs Python objects, which a kernel has no access to")
