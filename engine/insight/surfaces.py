"""Analytic surfaces with known minima, to watch optimizers on: value and gradient side by side.

Two variables x and y, in float64. Where a surface has parameters of its own they are fields.
"""

from dataclasses import dataclass
from math import cos, exp, pi, sin, sqrt
from typing import Annotated, ClassVar, Literal

from annotated_types import Gt

from engine.spec import Spec

__all__ = ["Surface"]

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Surface(Spec, family="surface"):
    """A function of two variables."""

    minima: ClassVar[tuple[Point, ...]] = ()
    """Where it is lowest, if anywhere."""
    window: ClassVar[tuple[float, float, float, float]] = (-2.0, 2.0, -2.0, 2.0)
    """What is worth looking at: x from, x to, y from, y to."""
    start: ClassVar[Point] = (-1.5, 1.5)
    """A good place to begin."""

    def value(self, x: float, y: float) -> float:
        """The height f(x, y) of the surface at a point."""
        raise NotImplementedError

    def gradient(self, x: float, y: float) -> Point:
        """The partial derivatives of f in x and in y at a point."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Bowl(Surface):
    """A round or long valley with one minimum: the longer, the harder for plain descent."""

    __equation__ = r"f(x, y) = \tfrac12 (x^2 + \kappa y^2)"
    minima = ((0.0, 0.0),)
    kind: Literal["bowl"] = "bowl"
    condition: Annotated[float, Gt(0)] = 10.0
    """The condition number kappa: how much steeper it is in y than in x."""

    def value(self, x: float, y: float) -> float:
        return 0.5 * (x * x + self.condition * y * y)

    def gradient(self, x: float, y: float) -> Point:
        return x, self.condition * y


@dataclass(frozen=True, kw_only=True)
class Saddle(Surface):
    """Falls in y, rises in x: its stationary point is no minimum, and it has none."""

    __equation__ = r"f(x, y) = x^2 - y^2"
    start = (-1.5, 0.01)
    kind: Literal["saddle"] = "saddle"

    def value(self, x: float, y: float) -> float:
        return x * x - y * y

    def gradient(self, x: float, y: float) -> Point:
        return 2.0 * x, -2.0 * y


@dataclass(frozen=True, kw_only=True)
class Rosenbrock(Surface):
    """A long, flat, curved valley: easy to find, hard to follow.

    Source: Rosenbrock, "An automatic method for finding the greatest or least value of a
    function", 1960.
    """

    __equation__ = r"f(x, y) = (1 - x)^2 + 100 (y - x^2)^2"
    minima = ((1.0, 1.0),)
    window = (-2.0, 2.0, -1.0, 3.0)
    start = (-1.2, 1.0)
    kind: Literal["rosenbrock"] = "rosenbrock"

    def value(self, x: float, y: float) -> float:
        return (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2

    def gradient(self, x: float, y: float) -> Point:
        bend = y - x * x
        return -2.0 * (1.0 - x) - 400.0 * x * bend, 200.0 * bend


@dataclass(frozen=True, kw_only=True)
class Beale(Surface):
    """A flat plain with steep walls at its corners.

    Source: Beale, "On an iterative method for finding a local minimum of a function of more than
    one variable", 1958.
    """

    __equation__ = r"f(x, y) = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2"
    minima = ((3.0, 0.5),)
    window = (-4.5, 4.5, -4.5, 4.5)
    start = (1.0, 1.5)
    kind: Literal["beale"] = "beale"

    def value(self, x: float, y: float) -> float:
        return sum((c - x + x * y**p) ** 2 for c, p in ((1.5, 1), (2.25, 2), (2.625, 3)))

    def gradient(self, x: float, y: float) -> Point:
        dx = dy = 0.0
        for c, p in ((1.5, 1), (2.25, 2), (2.625, 3)):
            rest = c - x + x * y**p
            dx += 2.0 * rest * (y**p - 1.0)
            dy += 2.0 * rest * x * p * y ** (p - 1)
        return dx, dy


@dataclass(frozen=True, kw_only=True)
class Himmelblau(Surface):
    """Four minima, all equally deep: where one ends depends on where one begins.

    Source: Himmelblau, "Applied nonlinear programming", 1972.
    """

    __equation__ = r"f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2"
    minima = (
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    )
    window = (-5.0, 5.0, -5.0, 5.0)
    start = (0.0, 0.0)
    kind: Literal["himmelblau"] = "himmelblau"

    def value(self, x: float, y: float) -> float:
        return (x * x + y - 11.0) ** 2 + (x + y * y - 7.0) ** 2

    def gradient(self, x: float, y: float) -> Point:
        a, b = x * x + y - 11.0, x + y * y - 7.0
        return 4.0 * x * a + 2.0 * b, 2.0 * a + 4.0 * y * b


@dataclass(frozen=True, kw_only=True)
class Rastrigin(Surface):
    """A bowl full of dents: a local minimum at almost every whole number, one global one.

    Source: Rastrigin, "Systems of extremal control", 1974.
    """

    __equation__ = r"f(x, y) = 20 + x^2 + y^2 - 10 \cos 2 \pi x - 10 \cos 2 \pi y"
    minima = ((0.0, 0.0),)
    window = (-5.12, 5.12, -5.12, 5.12)
    start = (-2.3, 3.4)
    kind: Literal["rastrigin"] = "rastrigin"

    def value(self, x: float, y: float) -> float:
        return 20.0 + sum(v * v - 10.0 * cos(2.0 * pi * v) for v in (x, y))

    def gradient(self, x: float, y: float) -> Point:
        return (
            2.0 * x + 20.0 * pi * sin(2.0 * pi * x),
            2.0 * y + 20.0 * pi * sin(2.0 * pi * y),
        )


@dataclass(frozen=True, kw_only=True)
class Ackley(Surface):
    """A nearly flat, rippled plain with a deep hole in the middle.

    Source: Ackley, "A connectionist machine for genetic hillclimbing", 1987.
    """

    __equation__ = (
        r"f(x, y) = -20 e^{-0.2 \sqrt{(x^2 + y^2) / 2}}"
        r" - e^{(\cos 2 \pi x + \cos 2 \pi y) / 2} + e + 20"
    )
    minima = ((0.0, 0.0),)
    window = (-5.0, 5.0, -5.0, 5.0)
    start = (-2.5, 3.2)
    kind: Literal["ackley"] = "ackley"

    def value(self, x: float, y: float) -> float:
        distance = sqrt(0.5 * (x * x + y * y))
        ripple = 0.5 * (cos(2.0 * pi * x) + cos(2.0 * pi * y))
        return -20.0 * exp(-0.2 * distance) - exp(ripple) + exp(1.0) + 20.0

    def gradient(self, x: float, y: float) -> Point:
        distance = sqrt(0.5 * (x * x + y * y))
        hole = 2.0 * exp(-0.2 * distance) / distance if distance > 0 else 0.0
        ripple = pi * exp(0.5 * (cos(2.0 * pi * x) + cos(2.0 * pi * y)))
        return hole * x + ripple * sin(2.0 * pi * x), hole * y + ripple * sin(2.0 * pi * y)


@dataclass(frozen=True, kw_only=True)
class MonkeySaddle(Surface):
    """A saddle with a third valley, for the tail: flat at its centre to second order."""

    __equation__ = r"f(x, y) = x^3 - 3 x y^2"
    start = (0.5, 0.01)
    kind: Literal["monkey_saddle"] = "monkey_saddle"

    def value(self, x: float, y: float) -> float:
        return x**3 - 3.0 * x * y * y

    def gradient(self, x: float, y: float) -> Point:
        return 3.0 * x * x - 3.0 * y * y, -6.0 * x * y
