"""The engine's optimizers as PyTorch has them, by the engine's names of their members.

Weight decay concerns weights, not biases, so those are groups of their own.
"""

from collections.abc import Callable
from typing import Any

from torch import nn, optim

from benchmarks.case import Case

Members = dict[str, Any]


def moments(members: Members) -> Members:
    """What Adam's relatives have in common."""
    return {"betas": (members["beta1"], members["beta2"]), "eps": members["epsilon"]}


def rmsprop(groups: Any, members: Members) -> optim.Optimizer:
    return optim.RMSprop(
        groups,
        alpha=members["rho"],
        eps=members["epsilon"],
        momentum=members["momentum"],
        centered=members["centered"],
    )


def rprop(groups: Any, members: Members) -> optim.Optimizer:
    return optim.Rprop(
        groups,
        etas=(members["shrink"], members["grow"]),
        step_sizes=(members["smallest"], members["largest"]),
    )


def lbfgs(groups: Any, members: Members) -> optim.Optimizer:
    """One step a mini-batch, without a line search; it takes parameters, not groups."""
    parameters = [each for group in groups for each in group["params"]]
    return optim.LBFGS(
        parameters, lr=members["learning_rate"], max_iter=1, history_size=members["history"]
    )


BUILDERS: dict[str, Callable[[Any, Members], optim.Optimizer]] = {
    "adadelta": lambda groups, m: optim.Adadelta(groups, rho=m["rho"], eps=m["epsilon"]),
    "adagrad": lambda groups, m: optim.Adagrad(groups, eps=m["epsilon"], fused=True),
    "adam": lambda groups, m: optim.Adam(groups, **moments(m), fused=True),
    "adamax": lambda groups, m: optim.Adamax(groups, **moments(m)),
    "adamw": lambda groups, m: optim.AdamW(groups, **moments(m), fused=True),
    "amsgrad": lambda groups, m: optim.Adam(groups, **moments(m), amsgrad=True, fused=True),
    "lbfgs": lbfgs,
    "nadam": lambda groups, m: optim.NAdam(
        groups, **moments(m), momentum_decay=m["momentum_decay"]
    ),
    "radam": lambda groups, m: optim.RAdam(groups, **moments(m)),
    "rmsprop": rmsprop,
    "rprop": rprop,
    "sgd": lambda groups, m: optim.SGD(
        groups, momentum=m["momentum"], nesterov=m["nesterov"], fused=True
    ),
}


def build(case: Case, network: nn.Module, matrices: list[Any]) -> Any:
    """The case's optimizer; an L2 penalty's gradient 2 lambda w is a weight decay of 2 lambda."""
    members = case.optimizer
    decay = 2 * case.strength if case.penalty == "l2" else members.get("weight_decay", 0.0)
    known = {id(matrix) for matrix in matrices}
    others = [each for each in network.parameters() if id(each) not in known]
    rate = members["learning_rate"]
    groups = [
        {"params": matrices, "lr": rate, "weight_decay": decay},
        {"params": others, "lr": rate, "weight_decay": 0.0},
    ]
    return BUILDERS[members["kind"]](groups, members)
