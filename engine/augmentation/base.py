"""What an augmentation is: one kernel that changes the rows of a mini-batch, and its constants."""

from dataclasses import dataclass

from engine.kernels import Kernel
from engine.losses import TaskKind
from engine.spec import Spec

__all__ = ["Augmentation"]


@dataclass(frozen=True, kw_only=True)
class Augmentation(Spec, family="augmentation"):
    """A random change of the rows of a mini-batch, in training only.

    It is carried out after the preprocessing, every time a row is used, and follows from the seed
    and the step alone. ``kernels.py`` has the signature of its kernel.
    """

    def kernel(self) -> Kernel:
        """The function that changes a mini-batch in place (``augment`` in ``kernels.py``)."""
        raise NotImplementedError

    def constants(self, task: TaskKind) -> tuple[float, ...]:
        """The numbers that the kernel gets as ``constants``."""
        raise NotImplementedError

    def check(self, features: int) -> None:
        """Raise InvalidSpec where the augmentation does not fit rows of so many features."""
