"""Computes the frozen vectors of this folder with PyTorch, in float64 on one thread.

Run it where ``torch==2.13.0``, ``numpy`` and ``lion-pytorch==0.2.5`` are installed; the project
itself needs none of the first and the last::

    python tests/oracles/make_oracles.py

It writes a file for each of its functions beside itself: ``activations.npz``, ``losses.npz``,
``optimizers.npz``, ``networks.npz``, ``normalizations.npz`` and ``schedules.npz``. Keys are
"<case>/<array>"; what a case is, is said where it is computed.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lion_pytorch import Lion  # PyTorch has none of its own
from torch.nn import functional
from torch.optim import lr_scheduler as rates

FOLDER = Path(__file__).parent
STEPS = 50

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def activations() -> dict[str, Any]:
    """Weighted sums z, their activations h, and the derivative for a given dL/dh."""
    random = np.random.default_rng(1)
    z = np.concatenate([random.normal(scale=3.0, size=(9, 4)), [[-40.0, -1e-3, 1e-3, 40.0]]])
    dh = random.normal(size=z.shape)
    functions = {
        "linear": lambda t: t * 1.0,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": functional.relu,
        "leaky_relu": lambda t: functional.leaky_relu(t, 0.1),
        "elu": lambda t: functional.elu(t, 1.0),
        "softmax": lambda t: functional.softmax(t, dim=1),
        "selu": functional.selu,
        "softplus": lambda t: functional.softplus(t, threshold=1e9),
        "softsign": functional.softsign,
        "gelu": functional.gelu,
        "silu": functional.silu,
        "mish": functional.mish,
        # PyTorch's own derivative of it uses a sixth in single precision.
        "hard_sigmoid": lambda t: torch.clamp(t / 6 + 0.5, 0.0, 1.0),
        "hard_tanh": functional.hardtanh,
        "hard_swish": functional.hardswish,
        "exponential": torch.exp,
        "step": lambda t: torch.heaviside(t.detach(), torch.tensor(1.0)) + 0.0 * t,
    }
    found = {"z": z, "dh": dh}
    for kind, function in functions.items():
        leaf = torch.tensor(z, requires_grad=True)
        h = function(leaf)
        (dz,) = torch.autograd.grad(h, leaf, torch.tensor(dh))
        found |= {f"{kind}/h": h.detach().numpy(), f"{kind}/dz": dz.numpy()}
    return found


def losses() -> dict[str, Any]:
    """Outputs z and targets t, the mean loss over all of them, and its derivative in z."""
    random = np.random.default_rng(2)
    one, several = random.normal(size=(12, 1)) * 4, random.normal(size=(12, 5)) * 4
    one[0], one[1], several[0, 0] = 800.0, -800.0, 900.0
    numbers = random.normal(size=(12, 1))
    bits, classes = random.integers(0, 2, (12, 1)), random.integers(0, 5, (12, 1))
    counts, mild = random.poisson(3.0, (12, 1)), random.normal(size=(12, 1)) * 2
    targets, labels = random.normal(size=(12, 5)), random.integers(0, 2, (12, 5))
    cases = {
        "huber-regression": (one, numbers, functional.huber_loss),
        "log_cosh-regression": (one, numbers, _log_cosh),
        "quantile-regression": (one, numbers, lambda z, t: _pinball(z, t, 0.5)),
        "quantile_high-regression": (one, numbers, lambda z, t: _pinball(z, t, 0.9)),
        "poisson-regression": (mild, counts, functional.poisson_nll_loss),
        "hinge-binary": (one, bits, lambda z, t: functional.relu(1 - (2 * t - 1) * z).mean()),
        "perceptron-binary": (one, bits, lambda z, t: functional.relu(-(2 * t - 1) * z).mean()),
        "smoothed-binary": (
            one,
            bits,
            lambda z, t: functional.binary_cross_entropy_with_logits(z, 0.9 * t + 0.05),
        ),
        "smoothed-multiclass": (
            several,
            classes,
            lambda z, t: functional.cross_entropy(z, t[:, 0].long(), label_smoothing=0.1),
        ),
        "mse-regression": (one, numbers, functional.mse_loss),
        "mae-regression": (one, numbers, functional.l1_loss),
        "cross_entropy-binary": (one, bits, functional.binary_cross_entropy_with_logits),
        "cross_entropy-multiclass": (several, classes, _categorical),
        "cross_entropy-multilabel": (
            several,
            labels,
            functional.binary_cross_entropy_with_logits,
        ),
        "smoothed-multilabel": (
            several,
            labels,
            lambda z, t: functional.binary_cross_entropy_with_logits(z, 0.9 * t + 0.05),
        ),
        "mse-regression-several": (several, targets, functional.mse_loss),
        "mae-regression-several": (several, targets, functional.l1_loss),
        "huber-regression-several": (several, targets, functional.huber_loss),
        "log_cosh-regression-several": (several, targets, _log_cosh),
    }
    found: dict[str, Any] = {}
    for name, (z, t, function) in cases.items():
        leaf = torch.tensor(z, requires_grad=True)
        value = function(leaf, torch.tensor(t, dtype=torch.float64))
        (dz,) = torch.autograd.grad(value, leaf)
        found |= {f"{name}/z": z, f"{name}/t": t.astype(float)}
        found |= {f"{name}/value": value.item(), f"{name}/dz": dz.numpy()}
    return found


def _categorical(z: Any, t: Any) -> Any:
    return functional.cross_entropy(z, t[:, 0].long())


def _log_cosh(z: Any, t: Any) -> Any:
    d = (z - t).abs()
    return (d + functional.softplus(-2 * d) - np.log(2.0)).mean()


def _pinball(z: Any, t: Any, level: float) -> Any:
    return torch.maximum(level * (t - z), (level - 1) * (t - z)).mean()


def _lbfgs(parameters: Any) -> Any:
    """One iteration a step, without a line search and without giving up."""
    return torch.optim.LBFGS(
        parameters, lr=0.05, max_iter=1, history_size=4, tolerance_grad=0, tolerance_change=0
    )


OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05),
    "sgd-momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "sgd-nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adam-other": lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.5, 0.9), eps=1e-4),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05),
    "adadelta": lambda p: torch.optim.Adadelta(p, lr=1.0, rho=0.95),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9),
    "rmsprop-all": lambda p: torch.optim.RMSprop(
        p, lr=0.01, alpha=0.9, momentum=0.5, centered=True
    ),
    "amsgrad": lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True),
    "adamax": lambda p: torch.optim.Adamax(p, lr=0.02),
    "nadam": lambda p: torch.optim.NAdam(p, lr=0.02),
    "radam": lambda p: torch.optim.RAdam(p, lr=0.02),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    "rprop": lambda p: torch.optim.Rprop(p, lr=0.01),
    "lbfgs": _lbfgs,
    "lion": lambda p: Lion(p, lr=0.01, betas=(0.9, 0.99)),
    "lion-decay": lambda p: Lion(p, lr=0.01, betas=(0.8, 0.95), weight_decay=0.1),
}


def optimizers() -> dict[str, Any]:
    """Paths of theta (steps, parameters) under a fixed sequence of gradients."""
    random = np.random.default_rng(3)
    start = random.normal(size=6)
    gradients = random.normal(size=(STEPS, 6)) * 10.0 ** np.arange(-3, 3)
    gradients[:, 0] = 0.0
    found = {"start": start, "gradients": gradients}
    for name, make in OPTIMIZERS.items():
        theta = torch.nn.Parameter(torch.tensor(start))
        optimizer = make([theta])
        path = []
        for gradient in gradients:
            theta.grad = torch.tensor(gradient)
            optimizer.step(lambda: torch.tensor(0.0))
            path.append(theta.detach().numpy().copy())
        found[f"{name}/path"] = np.array(path)
    return found


NETWORKS: dict[str, Any] = {
    # name: widths, hidden activation, loss, L2 strength, optimizer
    "regression": ((4, 6, 5, 1), torch.tanh, functional.mse_loss, 0.01, "sgd-nesterov"),
    "binary": ((4, 6, 1), functional.elu, functional.binary_cross_entropy_with_logits, 0.0, "adam"),
    "multiclass": ((4, 7, 6, 3), torch.sigmoid, _categorical, 0.001, "adam-other"),
    "rectified": ((4, 8, 8, 3), functional.relu, _categorical, 0.0, "sgd-momentum"),
}


def networks() -> dict[str, Any]:
    """Whole networks trained for 50 full batches: losses (50,), start and end of theta."""
    found: dict[str, Any] = {}
    for seed, (name, (widths, phi, loss, strength, optimizer)) in enumerate(NETWORKS.items()):
        random = np.random.default_rng(10 + seed)
        x = random.normal(size=(20, widths[0]))
        t = _targets(random, name, widths[-1])
        layers = [torch.nn.Linear(inputs, units) for inputs, units in pairwise(widths)]
        start = _flat(layers)
        step: Any = OPTIMIZERS[optimizer]([p for layer in layers for p in layer.parameters()])
        values = []
        for _ in range(STEPS):
            step.zero_grad()
            h = torch.tensor(x)
            for layer in layers[:-1]:
                h = phi(layer(h))
            value = loss(layers[-1](h), torch.tensor(t))
            penalty = strength * sum((layer.weight**2).sum() for layer in layers)
            (value + penalty).backward()
            step.step()
            values.append(value.item())
        found |= {f"{name}/x": x, f"{name}/t": t, f"{name}/losses": np.array(values)}
        found |= {f"{name}/start": start, f"{name}/end": _flat(layers)}
    return found


def normalizations() -> dict[str, Any]:
    """Three mini-batches in training, then one in evaluation, with a given dL/dy for each.

    Arrays of batch normalization are stacked over the four; the third feature does not vary in
    the first mini-batch. Layer normalization sees the first one only.
    """
    random = np.random.default_rng(20)
    x, dy = random.normal(2.0, 3.0, (4, 7, 5)), random.normal(size=(4, 7, 5))
    x[0, :, 2] = 4.0
    gamma, beta = random.normal(size=5), random.normal(size=5)
    found: dict[str, Any] = {"x": x, "dy": dy, "gamma": gamma, "beta": beta}
    batch, rows = torch.nn.BatchNorm1d(5), torch.nn.LayerNorm(5)
    seen = []
    for k in range(4):
        batch.train(k < 3)
        seen.append(
            _there_and_back(batch, x[k], dy[k], gamma, beta)
            | {"mean": _copy(batch.running_mean), "variance": _copy(batch.running_var)}
        )
    found |= {f"batch_norm/{key}": np.array([part[key] for part in seen]) for key in seen[0]}
    alone = _there_and_back(rows, x[0], dy[0], gamma, beta)
    return found | {f"layer_norm/{key}": value for key, value in alone.items()}


def _there_and_back(layer: Any, x: Any, dy: Any, gamma: Any, beta: Any) -> dict[str, Any]:
    layer.weight.data[:], layer.bias.data[:] = torch.tensor(gamma), torch.tensor(beta)
    leaf = torch.tensor(x, requires_grad=True)
    y = layer(leaf)
    parts = torch.autograd.grad(y, (leaf, layer.weight, layer.bias), torch.tensor(dy))
    return {"y": _copy(y)} | dict(zip(("dx", "dgamma", "dbeta"), map(_copy, parts), strict=True))


def _copy(tensor: Any) -> Any:
    return tensor.detach().numpy().copy()


SCHEDULES: dict[str, Any] = {
    "step": lambda o: rates.StepLR(o, step_size=3, gamma=0.5),
    "exponential": lambda o: rates.ExponentialLR(o, gamma=0.9),
    "polynomial": lambda o: rates.PolynomialLR(o, total_iters=20, power=2.0),
    "cosine": lambda o: rates.CosineAnnealingLR(o, T_max=20, eta_min=0.1),
    "warmup": lambda o: rates.LinearLR(o, start_factor=1 / 8, total_iters=7),
    "one_cycle": lambda o: rates.OneCycleLR(o, max_lr=1.0, total_steps=20),
}


def schedules() -> dict[str, Any]:
    """The factor of twenty steps, one in each epoch; restarts also between whole epochs; and the
    rates that follow from a course of losses."""
    found: dict[str, Any] = {}
    for name, make in SCHEDULES.items():
        optimizer = _resting()
        scheduler = make(optimizer)
        found[f"{name}/factors"] = np.array(
            [_rate_then_step(optimizer, scheduler) for _ in range(20)]
        )
    optimizer = _resting()
    waves = rates.CosineAnnealingWarmRestarts(optimizer, T_0=3, T_mult=2, eta_min=0.05)
    times, factors = np.arange(0, 30, 0.25), []
    for time in times:
        waves.step(time)
        factors.append(optimizer.param_groups[0]["lr"])
    found |= {"restarts/times": times, "restarts/factors": np.array(factors)}
    optimizer = _resting()
    plateau = rates.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=1, threshold=0.05, threshold_mode="abs", min_lr=0.1
    )
    random = np.random.default_rng(21)
    losses = np.exp(-0.2 * np.arange(40)) + 0.02 * random.normal(size=40)
    reduced = []
    for loss in losses:
        plateau.step(loss)
        reduced.append(optimizer.param_groups[0]["lr"])
    return found | {"plateau/losses": losses, "plateau/factors": np.array(reduced)}


def _resting() -> Any:
    """An optimizer with a learning rate of 1, for schedules to change."""
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def _rate_then_step(optimizer: Any, scheduler: Any) -> float:
    rate: float = optimizer.param_groups[0]["lr"]
    optimizer.step()
    if scheduler.last_epoch < 19:
        scheduler.step()
    return rate


def _targets(random: np.random.Generator, name: str, outputs: int) -> Any:
    if name == "regression":
        return random.normal(size=(20, 1))
    return random.integers(0, max(2, outputs), (20, 1)).astype(float)


def _flat(layers: list[Any]) -> Any:
    """All parameters in the engine's order: the first layer's weight, its bias, the second's..."""
    return np.concatenate(
        [p.detach().numpy().ravel().copy() for layer in layers for p in (layer.weight, layer.bias)]
    )


if __name__ == "__main__":
    torch.manual_seed(0)
    for oracle in (activations, losses, optimizers, networks, normalizations, schedules):
        np.savez_compressed(FOLDER / f"{oracle.__name__}.npz", **oracle())
