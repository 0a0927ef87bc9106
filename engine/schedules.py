"""Schedules: how the learning rate changes while the network trains.

A schedule is a pure function of the time t, in epochs and fractions of them, and of the number of
epochs T that the run may last. It gives a factor for the optimizer's learning rate. Any schedule
can be preceded by a warm-up.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from engine.spec import Spec
from engine.stopping import Metrics, Monitor

__all__ = [
    "Constant",
    "Cosine",
    "ExponentialDecay",
    "InverseTimeDecay",
    "OneCycle",
    "PolynomialDecay",
    "ReduceOnPlateau",
    "Schedule",
    "StepDecay",
]

Times = NDArray[np.float64]
Factors = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Schedule(Spec, family="schedule"):
    """The course of the learning rate."""

    warmup: Annotated[float, Ge(0)] = 0.0
    """The epochs, or part of one, in which the rate first grows in a straight line from zero."""

    def course(self, times: Times, epochs: int) -> Factors:
        """The factor at each time t in [0, epochs), without the warm-up."""
        raise NotImplementedError

    def factors(self, times: Times, epochs: int, steps_per_epoch: int = 1) -> Factors:
        """The factor of the step that begins at each time t; a warm-up counts whole steps."""
        course = self.course(times, epochs)
        if not self.warmup:
            return course
        share = (times * steps_per_epoch + 1.0) / (self.warmup * steps_per_epoch)
        return course * np.minimum(share, 1.0)

    def monitor(self) -> Monitor | None:
        """The metric it follows, if it follows one."""
        return None

    def observe(self, state: dict[str, Any], metrics: Metrics) -> None:
        """Take in one epoch and update ``state``, whose "factor" multiplies every later rate."""


@dataclass(frozen=True, kw_only=True)
class Constant(Schedule):
    """The same learning rate throughout."""

    __equation__ = r"\eta_t = \eta"
    kind: Literal["constant"] = "constant"

    def course(self, times: Times, epochs: int) -> Factors:
        return np.ones_like(times)


@dataclass(frozen=True, kw_only=True)
class StepDecay(Schedule):
    """Multiplies the learning rate by a factor at the end of every period."""

    __equation__ = r"\eta_t = \eta \, \gamma^{\lfloor t / s \rfloor}"
    kind: Literal["step"] = "step"
    every: Annotated[int, Ge(1)] = 30
    """The length s of a period, in epochs."""
    factor: Annotated[float, Gt(0), Lt(1)] = 0.1
    """The factor gamma."""

    def course(self, times: Times, epochs: int) -> Factors:
        return np.power(self.factor, np.floor(times / self.every))


@dataclass(frozen=True, kw_only=True)
class ExponentialDecay(Schedule):
    """Multiplies the learning rate by a factor every epoch."""

    __equation__ = r"\eta_t = \eta \, \gamma^{\lfloor t \rfloor}"
    kind: Literal["exponential"] = "exponential"
    factor: Annotated[float, Gt(0), Lt(1)] = 0.95
    """The factor gamma."""

    def course(self, times: Times, epochs: int) -> Factors:
        return np.power(self.factor, np.floor(times))


@dataclass(frozen=True, kw_only=True)
class InverseTimeDecay(Schedule):
    """A hyperbola: the decay for which stochastic gradient descent was first proved to converge.

    Source: Robbins, Monro, "A stochastic approximation method", 1951.
    """

    __equation__ = r"\eta_t = \frac{\eta}{1 + k t}"
    kind: Literal["inverse_time"] = "inverse_time"
    decay: Annotated[float, Gt(0)] = 0.1
    """The rate k, per epoch: after 1 / k epochs half the learning rate is left."""

    def course(self, times: Times, epochs: int) -> Factors:
        return 1.0 / (1.0 + self.decay * times)


@dataclass(frozen=True, kw_only=True)
class PolynomialDecay(Schedule):
    """Falls from the learning rate to a share of it at the last epoch, along a power of time."""

    __equation__ = r"\eta_t = \eta \left(r + (1 - r) \left(1 - \frac{t}{T}\right)^p\right)"
    kind: Literal["polynomial"] = "polynomial"
    power: Annotated[float, Gt(0), Le(10)] = 1.0
    """The exponent p; 1 is a straight line."""
    final: Annotated[float, Ge(0), Le(1)] = 0.0
    """The share r of the learning rate that is left at the end."""

    def course(self, times: Times, epochs: int) -> Factors:
        left = np.maximum(1.0 - times / epochs, 0.0)
        return self.final + (1.0 - self.final) * left**self.power


@dataclass(frozen=True, kw_only=True)
class Cosine(Schedule):
    """Half a cosine wave from the learning rate down to a share of it; once, or again and again.

    With ``cycle`` epochs for the first wave, every further one is ``growth`` times as long as the
    one before it, and starts at the full learning rate.

    Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.
    """

    __equation__ = r"\eta_t = \eta \left(r + (1 - r) \frac{1 + \cos(\pi t / T)}{2}\right)"
    kind: Literal["cosine"] = "cosine"
    final: Annotated[float, Ge(0), Le(1)] = 0.0
    """The share r of the learning rate that is left at the end of a wave."""
    cycle: Annotated[int, Ge(1)] | None = None
    """The epochs T of the first wave; by default one wave lasts for the whole run."""
    growth: Annotated[float, Ge(1), Le(10)] = 1.0
    """How much longer each wave is than the one before it."""

    def course(self, times: Times, epochs: int) -> Factors:
        wave = 0.5 * (1.0 + np.cos(np.pi * self._phase(times, epochs)))
        return self.final + (1.0 - self.final) * wave

    def _phase(self, times: Times, epochs: int) -> Times:
        """The part of its wave that each time has behind it."""
        if self.cycle is None:
            return np.minimum(times / epochs, 1.0)
        waves = times / self.cycle
        if self.growth == 1.0:
            return waves % 1.0
        number = np.floor(np.log1p(waves * (self.growth - 1.0)) / np.log(self.growth) + 1e-12)
        start = (self.growth**number - 1.0) / (self.growth - 1.0)
        return np.asarray((waves - start) / self.growth**number)


@dataclass(frozen=True, kw_only=True)
class OneCycle(Schedule):
    """Up to the learning rate, then far down: fast training with one large hump.

    Both parts are half cosine waves. The top and the end are times, u T and T, and not steps as in
    some libraries, so they stay where they are whatever the size of a mini-batch.

    Source: Smith, Topin, "Super-convergence: very fast training of neural networks using large
    learning rates", 2018.
    """

    __equation__ = (
        r"\eta_t: \; r_0 \eta \nearrow \eta \text{ until } t = u T,"
        r" \text{ then } \searrow r_1 \eta"
    )
    kind: Literal["one_cycle"] = "one_cycle"
    rise: Annotated[float, Gt(0), Lt(1)] = 0.3
    """The part u of the epochs in which the rate rises."""
    initial: Annotated[float, Gt(0), Le(1)] = 0.04
    """The share r0 of the learning rate at the start."""
    final: Annotated[float, Ge(0), Le(1)] = 4e-6
    """The share r1 at the end."""

    def course(self, times: Times, epochs: int) -> Factors:
        t = np.minimum(times / epochs, 1.0)
        up = _wave(self.initial, 1.0, t / self.rise)
        down = _wave(1.0, self.final, (t - self.rise) / (1.0 - self.rise))
        return np.where(t < self.rise, up, down)


def _wave(start: float, end: float, phase: Times) -> Factors:
    """From start to end along half a cosine wave, the phase running from 0 to 1."""
    return end + (start - end) * 0.5 * (1.0 + np.cos(np.pi * phase))


@dataclass(frozen=True, kw_only=True)
class ReduceOnPlateau(Schedule):
    """Multiplies the learning rate by a factor when the loss has stopped falling."""

    __equation__ = r"\eta \leftarrow \gamma \eta \text{ after } p \text{ epochs without progress}"
    kind: Literal["reduce_on_plateau"] = "reduce_on_plateau"
    factor: Annotated[float, Gt(0), Lt(1)] = 0.5
    """The factor gamma."""
    patience: Annotated[int, Ge(1)] = 10
    """The number p of epochs without an improvement after which the rate is reduced."""
    min_delta: Annotated[float, Ge(0)] = 0.0
    """The least fall of the loss that counts as an improvement."""
    smallest: Annotated[float, Ge(0), Le(1)] = 1e-4
    """The least share of the learning rate."""
    part: Literal["train", "validation"] = "validation"
    """The rows whose loss is watched."""

    def course(self, times: Times, epochs: int) -> Factors:
        return np.ones_like(times)

    def monitor(self) -> Monitor:
        return Monitor(self.part, "loss")

    def observe(self, state: dict[str, Any], metrics: Metrics) -> None:
        value = self.monitor().read(metrics)
        if "best" not in state or value < state["best"] - self.min_delta:
            state["best"], state["waited"] = value, 0
        else:
            state["waited"] += 1
        if state["waited"] >= self.patience:
            state["waited"] = 0
            state["factor"] = max(state.get("factor", 1.0) * self.factor, self.smallest)
