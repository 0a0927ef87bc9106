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

from typing import Any

from llvmlite.binding import Linkage
from numba.core.bytecode import FunctionIdentity
from numba.core.codegen import JITCodeLibrary, RuntimeLinker
from numba.core.compiler import Compiler
from numba.core.environment import Environment, lookup_environment
from numba.core.untyped_passes import ExtractByteCode

__all__ = ["KernelCompiler", "SymbolConflict", "can_be_loaded", "definitions", "verify_symbols"]

_ENVIRONMENT = "_ZN08NumbaEnv"
"""How Numba's names of variables begin that point to a function's Python objects."""


class SymbolConflict(RuntimeError):
    """Machine code defines a name that belongs to other code: an internal error."""


class KernelCompiler(Compiler):
    """Numba's compiler, for code that is named by its content.

    ``cache`` gives the key for argument types and a return type (None: whatever it turns out to
    be), and is told where a compilation comes to nothing. ``parameters`` are the names of what the
    machine code is called with, where that is more than the function's own parameters: those are
    then found among them by name, and the others are not read.
    """

    def __init__(
        self, *arguments: Any, cache: Any = None, parameters: tuple[str, ...] | None = None
    ) -> None:
        super().__init__(*arguments)
        self._parameters = parameters
        if cache is None:
            raise TypeError("a kernel cannot have a block that Python runs (numba.objmode)")
        self._cache = cache

    def compile_extra(self, function: Any) -> Any:
        """Compile a function as Numba does, with the key in place of Numba's running number."""
        state: Any = self.state
        key = self._cache.key_in_work(state.args, state.return_type)
        state.func_id = FunctionIdentity.from_function(function)
        state.func_id.unique_id = key
        if self._parameters is not None:
            state.func_id.arg_names = list(self._parameters)
            state.func_id.arg_count = len(self._parameters)
        state.library = _SelfContainedLibrary(state.targetctx.codegen(), key)
        state.library.enable_object_caching()
        state.lifted, state.lifted_from = (), None
        try:
            ExtractByteCode().run_pass(state)
            return self._compile_bytecode()
        except BaseException:  # whatever it is, nobody may wait for this code any more
            self._cache.release(key)
            raise


class _SelfContainedLibrary(JITCodeLibrary):
    """The machine code of a function; its key is in the names that others may use."""

    def __init__(self, codegen: Any, key: str) -> None:
        super().__init__(codegen, key)
        self._key = key
        self._environments: list[Any] = []

    def _finalize_final_module(self) -> None:
        """Rename what the merged module defines, before it becomes machine code."""
        for value in definitions(self._final_module):
            if self._key not in value.name:
                own_name = f"{value.name}.{self._key}"
                if value.name.startswith(_ENVIRONMENT):
                    self._adopt(value.name, own_name)
                else:
                    value.linkage = Linkage.internal
                value.name = own_name
        super()._finalize_final_module()
        for environment in self._environments:
            codegen: Any = self._codegen
            codegen.set_env(environment.env_name, environment)

    def _adopt(self, name: str, own_name: str) -> None:
        """Give a function that was merged into this one its Python objects under another name."""
        if (found := lookup_environment(name)) is not None:
            environment = Environment(found.globals)
            environment.consts[:] = found.consts
            environment.env_name = own_name
            Environment._memo[own_name] = environment  # noqa: SLF001  # where Numba looks it up
            self._environments.append(environment)


def can_be_loaded(library: Any) -> bool:
    """Whether machine code works in another process.

    It does not if addresses of this one are in it, or if it calls itself through other functions:
    Numba finds those while it compiles, and not when it loads.
    """
    names = [each.name for each in library._final_module.global_variables]  # noqa: SLF001
    is_recursive = any(name.startswith(RuntimeLinker.PREFIX) for name in names)
    return not library.has_dynamic_globals and not is_recursive


def verify_symbols(function: Any, key: str) -> None:
    """Raise ``SymbolConflict`` where what was kept under a key has the names of something else.

    ``function`` is Numba's description of the compiled function.
    """
    for name in (function.llvm_func_name, function.env_name):
        if key not in name:
            raise SymbolConflict(f"machine code that was kept as {key} defines {name}")


def definitions(module: Any) -> list[Any]:
    """The functions and variables that an LLVM module defines, without LLVM's own."""
    values = [*module.functions, *module.global_variables]
    return [v for v in values if not v.is_declaration and not v.name.startswith("llvm.")]
