"""Activations: phi and its derivative phi' side by side.

An elementwise activation writes two scalar functions::

    phi(z, alpha)             h = phi(z)
    derivative(z, h, alpha)   phi'(z), given z and h so that the cheaper one can be used

and the kernels that add the bias, apply phi, and go back, are made from them. Softmax looks at a
whole row, so it brings its own kernels.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Gt, Lt

from engine.initializers import Glorot, He, Initializer, LeCun
from engine.kernels import Array, Kernel, Number, add_bias, inlined, like, sum_rows
from engine.spec import Spec

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "ExponentialFunction",
    "HardSigmoid",
    "HardSwish",
    "HardTanh",
    "LeakyReLU",
    "Linear",
    "Mish",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "StepFunction",
    "Tanh",
]

SELU_SCALE = 1.0507009873554804934193349852946
SELU_SCALE_ALPHA = SELU_SCALE * 1.6732632423543772848170429916717
SQRT_HALF = math.sqrt(0.5)
SQRT_TWO_PI = math.sqrt(2.0 * math.pi)


@dataclass(frozen=True, kw_only=True)
class Activation(Spec, family="activation"):
    """The function applied to a neuron's weighted sum."""

    initializer: ClassVar[Initializer] = Glorot()
    """What a layer with this activation draws its weights from, unless told otherwise."""
    differentiable: ClassVar[bool] = True
    """Whether backpropagation can pass through it."""

    def constants(self) -> tuple[float, ...]:
        """What the kernels get as ``alpha``."""
        return (0.0,)

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        """The activation of one weighted sum."""
        raise NotImplementedError

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        """Its derivative at z, where h = phi(z)."""
        raise NotImplementedError

    @classmethod
    def kernels(cls) -> tuple[Kernel, Kernel]:
        """The forward and the backward kernel."""
        return _elementwise(cls.phi, cls.derivative)


@cache
def _elementwise(phi: Kernel, derivative: Kernel) -> tuple[Kernel, Kernel]:
    """Make h = phi(x + b) and delta = dy * phi'(z), db = the sum of delta over the rows."""
    phi, derivative = inlined(phi), inlined(derivative)

    def forward(
        x: Array,
        y: Array,
        theta: Array,
        state: Array,
        scratch: Array,
        constants: Array,
        draw: Number,
        training: Number,
    ) -> None:
        rows, units = x.shape
        alpha = constants[0]
        add_bias(x, theta)
        for i in range(rows):
            for j in range(units):
                y[i, j] = phi(x[i, j], alpha)

    def backward(
        x: Array,
        y: Array,
        dy: Array,
        dx: Array,
        theta: Array,
        gradient: Array,
        state: Array,
        scratch: Array,
        constants: Array,
        draw: Number,
    ) -> None:
        rows, units = x.shape
        alpha = constants[0]
        for i in range(rows):
            for j in range(units):
                dy[i, j] *= derivative(x[i, j], y[i, j], alpha)
        sum_rows(dy, gradient)

    return forward, backward


@dataclass(frozen=True, kw_only=True)
class Linear(Activation):
    """The identity: the weighted sum itself."""

    __equation__ = r"\varphi(z) = z"
    kind: Literal["linear"] = "linear"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0)


@inlined
def logistic(z: Number) -> Number:
    """1 / (1 + e^-z), written so that no exponential overflows."""
    one = like(z, 1.0)
    e = np.exp(-abs(z))
    return (one if z >= 0 else e) / (one + e)


@inlined
def log_one_plus_exp(z: Number) -> Number:
    """log(1 + e^z), written so that no exponential overflows."""
    return max(z, like(z, 0.0)) + np.log1p(np.exp(-abs(z)))


@dataclass(frozen=True, kw_only=True)
class Sigmoid(Activation):
    """The logistic function, from 0 to 1."""

    __equation__ = r"\varphi(z) = \frac{1}{1 + e^{-z}}"
    kind: Literal["sigmoid"] = "sigmoid"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return logistic(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return h * (like(z, 1.0) - h)


@dataclass(frozen=True, kw_only=True)
class Tanh(Activation):
    """The hyperbolic tangent, from -1 to 1."""

    __equation__ = r"\varphi(z) = \tanh z"
    kind: Literal["tanh"] = "tanh"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return np.tanh(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0) - h * h


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
        return z if z > 0 else alpha * np.expm1(z)

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
        return like(z, SELU_SCALE) * z if z > 0 else like(z, SELU_SCALE_ALPHA) * np.expm1(z)

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


@dataclass(frozen=True, kw_only=True)
class Softsign(Activation):
    """Like tanh from -1 to 1, but approaching its ends slowly.

    Source: Turian, Bergstra, Bengio, "Quadratic features and deep architectures for chunking",
    2009.
    """

    __equation__ = r"\varphi(z) = \frac{z}{1 + |z|}"
    kind: Literal["softsign"] = "softsign"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z / (like(z, 1.0) + abs(z))

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        width = like(z, 1.0) + abs(z)
        return like(z, 1.0) / (width * width)


@dataclass(frozen=True, kw_only=True)
class GELU(Activation):
    """The Gaussian error linear unit: z times the probability that a normal number is below z.

    Computed with the error function, not with its approximation by tanh.

    Source: Hendrycks, Gimpel, "Gaussian error linear units", 2016.
    """

    __equation__ = (
        r"\varphi(z) = z \, \Phi(z)"
        r" = \frac{z}{2} \left(1 + \operatorname{erf} \frac{z}{\sqrt 2}\right)"
    )
    initializer = He()
    kind: Literal["gelu"] = "gelu"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z * normal_probability(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        density = np.exp(like(z, -0.5) * z * z) * like(z, 1.0 / SQRT_TWO_PI)
        return normal_probability(z) + z * density


@inlined
def normal_probability(z: Number) -> Number:
    """The probability that a standard normal number is below z."""
    half = like(z, 0.5)
    return half + half * like(z, math.erf(z * like(z, SQRT_HALF)))


@dataclass(frozen=True, kw_only=True)
class SiLU(Activation):
    """The sigmoid linear unit, also called swish.

    Source: Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units", 2017; Ramachandran, Zoph, Le,
    "Searching for activation functions", 2017.
    """

    __equation__ = r"\varphi(z) = \frac{z}{1 + e^{-z}}"
    initializer = He()
    kind: Literal["silu"] = "silu"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z * logistic(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        p = logistic(z)
        return p + h * (like(z, 1.0) - p)


@dataclass(frozen=True, kw_only=True)
class Mish(Activation):
    """A smooth unit with a small dip below zero.

    Source: Misra, "Mish: a self regularized non-monotonic activation function", 2019.
    """

    __equation__ = r"\varphi(z) = z \tanh \log(1 + e^z)"
    initializer = He()
    kind: Literal["mish"] = "mish"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z * np.tanh(log_one_plus_exp(z))

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        t = np.tanh(log_one_plus_exp(z))
        return t + z * logistic(z) * (like(z, 1.0) - t * t)


@dataclass(frozen=True, kw_only=True)
class HardSigmoid(Activation):
    """A straight line from 0 at -3 to 1 at 3, constant beyond.

    Source: Courbariaux, Bengio, David, "BinaryConnect", 2015, with the slope of 1/6 that
    MobileNetV3 uses.
    """

    __equation__ = r"\varphi(z) = \min(1, \max(0, z / 6 + 1 / 2))"
    kind: Literal["hard_sigmoid"] = "hard_sigmoid"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        line = z * like(z, 1.0 / 6.0) + like(z, 0.5)
        return min(like(z, 1.0), max(like(z, 0.0), line))

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0 / 6.0) if abs(z) < 3 else like(z, 0.0)


@dataclass(frozen=True, kw_only=True)
class HardTanh(Activation):
    """The identity from -1 to 1, constant beyond.

    Source: Collobert, "Large scale machine learning", 2004.
    """

    __equation__ = r"\varphi(z) = \min(1, \max(-1, z))"
    kind: Literal["hard_tanh"] = "hard_tanh"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return min(like(z, 1.0), max(like(z, -1.0), z))

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0) if abs(z) < 1 else like(z, 0.0)


@dataclass(frozen=True, kw_only=True)
class HardSwish(Activation):
    """SiLU with the hard sigmoid in place of the logistic function.

    Source: Howard et al., "Searching for MobileNetV3", 2019.
    """

    __equation__ = r"\varphi(z) = z \min(1, \max(0, z / 6 + 1 / 2))"
    initializer = He()
    kind: Literal["hard_swish"] = "hard_swish"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        line = z * like(z, 1.0 / 6.0) + like(z, 0.5)
        return z * min(like(z, 1.0), max(like(z, 0.0), line))

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        if abs(z) < 3:
            return z * like(z, 1.0 / 3.0) + like(z, 0.5)
        return like(z, 1.0) if z > 0 else like(z, 0.0)


@dataclass(frozen=True, kw_only=True)
class ExponentialFunction(Activation):
    """The exponential function: the natural output where counts are predicted."""

    __equation__ = r"\varphi(z) = e^z"
    kind: Literal["exponential"] = "exponential"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return np.exp(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return h


@dataclass(frozen=True, kw_only=True)
class StepFunction(Activation):
    """The perceptron's threshold, as a historical case: 1 from zero on, 0 below.

    Its derivative is 0 wherever it has one, so nothing can be sent back through it: a hidden
    layer cannot use it, and as an output it needs a loss with a rule of its own.

    Source: McCulloch, Pitts, "A logical calculus of the ideas immanent in nervous activity",
    1943.
    """

    __equation__ = r"\varphi(z) = 1 \text{ if } z \ge 0 \text{ else } 0"
    differentiable = False
    kind: Literal["step"] = "step"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return like(z, 1.0) if z >= 0 else like(z, 0.0)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 0.0)


@dataclass(frozen=True, kw_only=True)
class Softmax(Activation):
    """A row of positive numbers that sum to 1; as an output, the probability of each class."""

    __equation__ = r"\varphi(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}"
    kind: Literal["softmax"] = "softmax"

    @classmethod
    def kernels(cls) -> tuple[Kernel, Kernel]:
        return _softmax_forward, _softmax_backward


@inlined
def softmax_rows(z: Array, y: Array) -> None:
    """Each row y = softmax(z); its maximum is taken off first, so that nothing overflows."""
    rows, units = z.shape
    for i in range(rows):
        top = z[i, 0]
        for j in range(1, units):
            top = max(top, z[i, j])
        total = top - top
        for j in range(units):
            y[i, j] = np.exp(z[i, j] - top)
            total += y[i, j]
        for j in range(units):
            y[i, j] /= total


def _softmax_forward(
    x: Array,
    y: Array,
    theta: Array,
    state: Array,
    scratch: Array,
    constants: Array,
    draw: Number,
    training: Number,
) -> None:
    add_bias(x, theta)
    softmax_rows(x, y)


def _softmax_backward(
    x: Array,
    y: Array,
    dy: Array,
    dx: Array,
    theta: Array,
    gradient: Array,
    state: Array,
    scratch: Array,
    constants: Array,
    draw: Number,
) -> None:
    """dz_j = y_j (dy_j - sum_k dy_k y_k)."""
    rows, units = x.shape
    for i in range(rows):
        common = dy[i, 0] - dy[i, 0]
        for j in range(units):
            common += dy[i, j] * y[i, j]
        for j in range(units):
            dy[i, j] = y[i, j] * (dy[i, j] - common)
    sum_rows(dy, gradient)
