"""The engine's optimizers as Optax has them, by the engine's names of their members."""

from collections.abc import Callable
from typing import Any

import jax
import optax

Members = dict[str, Any]


def matrices(parameters: Any) -> Any:
    """Which parameters are weights: those decay, biases and scales do not."""
    return jax.tree.map(lambda each: each.ndim == 2, parameters)


def moments(members: Members) -> Members:
    """What Adam's relatives have in common."""
    return {"b1": members["beta1"], "b2": members["beta2"], "eps": members["epsilon"]}


def adagrad(members: Members) -> Any:
    """The library adds its epsilon below the root, to the sum of squares."""
    return optax.adagrad(
        members["learning_rate"], initial_accumulator_value=0.0, eps=members["epsilon"] ** 2
    )


def rmsprop(members: Members) -> Any:
    return optax.rmsprop(
        members["learning_rate"],
        decay=members["rho"],
        eps=members["epsilon"],
        eps_in_sqrt=False,
        centered=members["centered"],
        momentum=members["momentum"] or None,
    )


def rprop(members: Members) -> Any:
    return optax.rprop(
        members["learning_rate"],
        eta_minus=members["shrink"],
        eta_plus=members["grow"],
        min_step_size=members["smallest"],
        max_step_size=members["largest"],
    )


def adamw(members: Members) -> Any:
    return optax.adamw(
        members["learning_rate"],
        **moments(members),
        weight_decay=members["weight_decay"],
        mask=matrices,
    )


def lion(members: Members) -> Any:
    return optax.lion(
        members["learning_rate"],
        b1=members["beta1"],
        b2=members["beta2"],
        weight_decay=members["weight_decay"],
        mask=matrices,
    )


def sgd(members: Members) -> Any:
    momentum = members["momentum"] or None
    return optax.sgd(members["learning_rate"], momentum=momentum, nesterov=members["nesterov"])


def lbfgs(members: Members) -> Any:
    return optax.lbfgs(members["learning_rate"], memory_size=members["history"], linesearch=None)


BUILDERS: dict[str, Callable[[Members], Any]] = {
    "adadelta": lambda m: optax.adadelta(m["learning_rate"], rho=m["rho"], eps=m["epsilon"]),
    "adagrad": adagrad,
    "adam": lambda m: optax.adam(m["learning_rate"], **moments(m)),
    "adamax": lambda m: optax.adamax(m["learning_rate"], **moments(m)),
    "adamw": adamw,
    "amsgrad": lambda m: optax.amsgrad(m["learning_rate"], **moments(m)),
    "lbfgs": lbfgs,
    "lion": lion,
    "nadam": lambda m: optax.nadam(m["learning_rate"], **moments(m)),
    "radam": lambda m: optax.radam(m["learning_rate"], **moments(m)),
    "rmsprop": rmsprop,
    "rprop": rprop,
    "sgd": sgd,
}


def build(members: Members) -> Any:
    return BUILDERS[members["kind"]](members)
