"""Schedules: how the learning rate changes while the network trains.

A schedule is a pure function of the time t, in epochs and fractions of them, and of the number of
epochs T that the run may last. It gives a factor for the optimizer's learning rate.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from engine.spec import Spec

__all__ = ["Constant", "Cosine", "Schedule", "Step"]

Times = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Schedule(Spec, family="schedule"):
    """The course of the learning rate."""

    def factors(self, times: Times, epochs: int) -> NDArray[Any]:
        """The factor at each time t in [0, epochs)."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Constant(Schedule):
    """The same learning rate throughout."""

    __equation__ = r"\eta_t = \eta"
    kind: Literal["constant"] = "constant"

    def factors(self, times: Times, epochs: int) -> NDArray[Any]:
        return np.ones_like(times)


@dataclass(frozen=True, kw_only=True)
class Step(Schedule):
    """Multiplies the learning rate by a factor at the end of every period."""

    __equation__ = r"\eta_t = \eta \, \gamma^{\lfloor t / s \rfloor}"
    kind: Literal["step"] = "step"
    every: Annotated[int, Ge(1)] = 30
    """The length s of a period, in epochs."""
    factor: Annotated[float, Gt(0), Lt(1)] = 0.1
    """The factor gamma."""

    def factors(self, times: Times, epochs: int) -> NDArray[Any]:
        return np.power(self.factor, np.floor(times / self.every))


@dataclass(frozen=True, kw_only=True)
class Cosine(Schedule):
    """Half a cosine wave from the learning rate down to a share of it at the last epoch.

    Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017
    (a single cycle).
    """

    __equation__ = r"\eta_t = \eta \left(r + (1 - r) \frac{1 + \cos(\pi t / T)}{2}\right)"
    kind: Literal["cosine"] = "cosine"
    final: Annotated[float, Ge(0), Le(1)] = 0.0
    """The share r of the learning rate that is left at the end."""

    def factors(self, times: Times, epochs: int) -> NDArray[Any]:
        wave = 0.5 * (1.0 + np.cos(np.pi * np.minimum(times / epochs, 1.0)))
        return self.final + (1.0 - self.final) * wave
