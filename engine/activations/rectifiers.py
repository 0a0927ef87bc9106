"""ReLU and the units that mend its flat side."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Lt

from engine.activations.base import Activation
from engine.activations.numbers import log_one_plus_exp, logistic
from engine.initializers import He, LeCun
from engine.kernels import Number, exp_minus_one, like

__all__ = ["ELU", "SELU", "LeakyReLU", "ReLU", "Softplus"]

SELU_SCALE = 1.0507009873554804934193349852946
SELU_SCALE_ALPHA = SELU_SCALE * 1.6732632423543772848170429916717


@dataclass(frozen=True, kw_only=True)
class ReLU(Activation):
    """The rectified linear unit; its derivative at 0 is taken as 0.

    Source: Nair, Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.
    """

    __equation__ = r"\varphi(z) = \max(0, z)"
    initializer = He()
    kind: Literal["relu"] = "relu"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z if z > 0 else like(z, 0.0)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0) if z > 0 else like(z, 0.0)


@dataclass(frozen=True, kw_only=True)
class LeakyReLU(Activation):
    """ReLU with a small slope for negative sums, so that no unit is ever switched off.

    Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models",
    2013.
    """

    __equation__ = r"\varphi(z) = z \text{ if } z > 0 \text{ else } \alpha z"
    initializer = He()
    kind: Literal["leaky_relu"] = "leaky_relu"
    alpha: Annotated[float, Gt(0), Lt(1)] = 0.1
    """The slope for negative sums."""

    def constants(self) -> tuple[float, ...]:
        return (self.alpha,)

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z if z > 0 else alpha * z

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0) if z > 0 else alpha


@dataclass(frozen=True, kw_only=True)
class ELU(Activation):
    """The exponential linear unit: smooth, and bounded below by -alpha.

    Source: Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by
    exponential linear units", 2016.
    """

    __equation__ = r"\varphi(z) = z \text{ if } z > 0 \text{ else } \alpha (e^z - 1)"
    initializer = He()
    kind: Literal["elu"] = "elu"
    alpha: Annotated[float, Gt(0)] = 1.0
    """The value approached for very negative sums, with its sign turned."""

    def constants(self) -> tuple[float, ...]:
        return (self.alpha,)

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z if z > 0 else alpha * exp_minus_one(min(z, like(z, 0.0)))

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0) if z > 0 else h + alpha


@dataclass(frozen=True, kw_only=True)
class SELU(Activation):
    """The scaled exponential linear unit: layers keep zero mean and unit variance by themselves.

    Source: Klambauer et al., "Self-normalizing neural networks", 2017. Use it with LeCun
    initialization, which is its default here.
    """

    __equation__ = (
        r"\varphi(z) = \lambda z \text{ if } z > 0 \text{ else } \lambda \alpha (e^z - 1),"
        r" \quad \lambda \approx 1.0507, \; \alpha \approx 1.6733"
    )
    initializer = LeCun()
    kind: Literal["selu"] = "selu"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return (
            like(z, SELU_SCALE) * z
            if z > 0
            else like(z, SELU_SCALE_ALPHA) * exp_minus_one(min(z, like(z, 0.0)))
        )

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, SELU_SCALE) if z > 0 else h + like(z, SELU_SCALE_ALPHA)


@dataclass(frozen=True, kw_only=True)
class Softplus(Activation):
    """A smooth ReLU, whose derivative is the logistic function.

    Source: Dugas et al., "Incorporating second-order functional knowledge for better option
    pricing", 2001.
    """

    __equation__ = r"\varphi(z) = \log(1 + e^z)"
    initializer = He()
    kind: Literal["softplus"] = "softplus"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return log_one_plus_exp(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return logistic(z)
