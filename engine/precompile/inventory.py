"""Everything that can be compiled, and compiling it on all cores.

The list follows from the families of specs: every member, in every variant that its fields with
named choices allow. Nobody keeps it by hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from itertools import product
from multiprocessing import get_context
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
from annotated_types import Ge

from engine.compiler.jit import (
    COMPILED,
    Kernel,
    garbage_kept,
    is_at_hand,
    is_being_compiled,
)
from engine.errors import InvalidSpec
from engine.kernels import kernel_of, signature, sum_rows
from engine.losses import TaskKind
from engine.metrics import metrics_kernel
from engine.program.signatures import loop_calls
from engine.program.threads import available_cores
from engine.recipe import TrainingSpec
from engine.spec import Spec, families

__all__ = ["CompilationUnit", "compile_missing", "missing", "units"]

INPUTS = 4
"""The number of inputs that layers are laid out for; their kernels are the same for any."""


@dataclasses.dataclass(frozen=True)
class CompilationUnit:
    """One compiled function with the types of its arguments in one precision."""

    function: Any
    types: Any

    @classmethod
    def of(cls, kernel_type: str, dtype: np.dtype[Any], function: Kernel) -> CompilationUnit:
        """The unit of a function that is a kernel of a type, in a precision."""
        return cls(kernel_of(kernel_type, function), signature(kernel_type, dtype))

    def is_compiled(self) -> bool:
        """Whether machine code of the unit is on the disk, or in this process."""
        return is_at_hand(self.function, self.types)

    def is_being_compiled(self) -> bool:
        """Whether another process is compiling the unit at this moment."""
        return is_being_compiled(self.function, self.types)

    def compile(self) -> None:
        """Compile the unit, or load it from the disk."""
        self.function.compile(self.types)


@cache
def units() -> tuple[CompilationUnit, ...]:
    """Every unit that the engine can compile, the slowest first; always in the same order."""
    found: list[CompilationUnit] = []
    for precision in get_args(get_type_hints(TrainingSpec)["precision"]):
        dtype = np.dtype(precision)
        found += [CompilationUnit(function, types) for function, types in loop_calls(dtype)]
        found += [
            CompilationUnit.of(kernel_type, dtype, function) for kernel_type, function in _kernels()
        ]
    return tuple(dict.fromkeys(found))


def missing() -> list[int]:
    """The indices in ``units()`` of those that have yet to be compiled."""
    return [place for place, unit in enumerate(units()) if not unit.is_compiled()]


def compile_missing(done: Callable[[int, int], None]) -> int:
    """Compile what is missing, on every core; returns the number of units that were.

    ``done`` is called from time to time with how many are done, and of how many.
    """
    places = missing() if COMPILED else []
    if not places:
        return 0
    done(0, len(places))
    context = get_context("spawn")  # a copy of this process could inherit locks that are held
    with ProcessPoolExecutor(min(available_cores(), len(places)), context) as pool:
        running = [pool.submit(_compile, place) for place in places]
        for count, each in enumerate(as_completed(running), start=1):
            each.result()
            done(count, len(places))
    return len(places)


def _compile(place: int) -> None:
    with garbage_kept():
        units()[place].compile()


def _kernels() -> Iterator[tuple[str, Kernel]]:
    """Every kernel of every spec, with its type."""
    for family, members in families().items():
        makes = _MAKES.get(family)
        for member in members if makes else ():
            for variant in _variants(member):
                yield from makes(variant) if makes else ()
    for task in get_args(TaskKind):
        yield "accumulate_metrics", metrics_kernel(task)


def _of_activation(activation: Any) -> Iterator[tuple[str, Kernel]]:
    yield from zip(("forward", "backward"), activation.kernels(), strict=True)
    yield "gradient", sum_rows


def _of_layer(layer: Any) -> Iterator[tuple[str, Kernel]]:
    for operation in layer.operations(INPUTS):
        yield from (("forward", operation.forward), ("backward", operation.backward))
        if operation.gradient is not None:
            yield "gradient", operation.gradient
        if operation.unit_kernels is not None:
            yield from zip(
                ("forward_units", "backward_inputs"), operation.unit_kernels, strict=True
            )


def _of_loss(loss: Any) -> Iterator[tuple[str, Kernel]]:
    for task in loss.tasks:
        yield "loss", loss.kernel(task)


def _of_regularizer(regularizer: Any) -> Iterator[tuple[str, Kernel]]:
    for kernel_type, kernel in (
        ("transform_gradient", regularizer.transform_gradient()),
        ("project", regularizer.project()),
    ):
        if kernel is not None:
            yield kernel_type, kernel


_MAKES: dict[str, Callable[[Any], Iterator[tuple[str, Kernel]]]] = {
    "activation": _of_activation,
    "augmentation": lambda each: iter([("augment", each.kernel())]),
    "clipping": lambda each: iter([("transform_gradient", each.kernel())]),
    "layer": _of_layer,
    "loss": _of_loss,
    "optimizer": lambda each: iter([("update", each.kernel())]),
    "regularizer": _of_regularizer,
}
"""What a spec of a family has compiled. The other families are Python only."""


def _variants(member: type[Spec]) -> Iterator[Spec]:
    """The member with every combination of its named choices, and the least of what it requires."""
    hints = get_type_hints(member, include_extras=True)
    fields = [field for field in dataclasses.fields(member) if field.name != "kind"]
    values = {field.name: _values(hints[field.name], field) for field in fields}
    for chosen in product(*values.values()):
        given = {n: v for n, v in zip(values, chosen, strict=True) if v is not _DEFAULT}
        try:
            yield member(**given)
        except InvalidSpec:
            continue  # choices that exclude each other


_DEFAULT = object()


def _values(annotation: Any, field: dataclasses.Field[Any]) -> list[Any]:
    """The values that a field takes in the variants of a spec."""
    required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if annotation is bool:
        return [False, True]
    if not required:
        return [_DEFAULT]
    if get_origin(annotation) is Annotated:
        return [_least(get_args(annotation)[1:])]
    return [next(_variants(annotation))]


def _least(bounds: tuple[Any, ...]) -> Any:
    """The smallest value that the bounds of a number allow; 1 where they have none."""
    return next((bound.ge for bound in bounds if isinstance(bound, Ge)), 1)
