"""What a layer is: hyper-parameters that turn into a few operations once its inputs are known."""

from dataclasses import dataclass

from engine.initializers import Initializer
from engine.kernels import Kernel
from engine.spec import Spec

__all__ = ["Layer", "Operation", "ParameterBlock", "Statistic"]


@dataclass(frozen=True, kw_only=True)
class ParameterBlock:
    """A named part of the parameter vector: a weight matrix (units, inputs) or a vector (units,).

    Blocks with an initializer are weights, drawn at random and subject to regularization; the
    others (biases, and the scales of normalizations) start at ``start`` and are exempt from it.
    """

    name: str
    shape: tuple[int, ...]
    initializer: Initializer | None = None
    start: float = 0.0

    @property
    def size(self) -> int:
        """How many numbers the block holds."""
        total = 1
        for extent in self.shape:
            total *= extent
        return total


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """A named vector that is not trained but belongs to the model: ``size`` running numbers."""

    name: str
    size: int
    start: float
    """What each is before the first mini-batch."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One step of the forward pass with its way back: its kernels and what they need.

    An operation with parameters, a ``block`` of them, has a kernel for their gradient too. Its
    ``unit_kernels``, if it has them, are kernels for some of its units forward, and some of its
    inputs backward, of all rows.

    The forward kernel leaves numbers for the backward one: ``scratch`` of them, and ``row_scratch``
    more for every row. An operation that only needs room while it works has a ``workspace``
    instead, which it shares with others. ``state`` are the running statistics that it keeps.
    """

    forward: Kernel
    backward: Kernel
    outputs: int
    gradient: Kernel | None = None
    unit_kernels: tuple[Kernel, Kernel] | None = None
    block: ParameterBlock | None = None
    state: tuple[Statistic, ...] = ()
    scratch: int = 0
    row_scratch: int = 0
    workspace: int = 0
    constants: tuple[float, ...] = (0.0,)
    in_place: bool = False
    activates: bool = False
    """Whether it is an activation: its x is then z, and what it makes of dL/dy is dL/dz."""
    mixes_rows: bool = False
    """Whether what comes of a row depends on the others: then one thread has to see them all."""
    mixes_features: bool = False
    """Whether an output depends on other inputs than the one in its place, without weights."""

    @property
    def state_size(self) -> int:
        """How many running statistics the operation keeps."""
        return sum(statistic.size for statistic in self.state)


@dataclass(frozen=True, kw_only=True)
class Layer(Spec, family="layer"):
    """One layer of a network."""

    def operations(self, inputs: int) -> tuple[Operation, ...]:
        """The steps of the forward pass for ``inputs`` numbers per row, in order."""
        raise NotImplementedError
