"""PyTorch on the CPU: the usual loop, with a fused optimizer where there is one."""

import os
from collections.abc import Callable, Iterator
from itertools import pairwise
from time import perf_counter
from typing import Any

import torch
from torch import nn

from benchmarks.case import Case
from benchmarks.contestants.base import Epoch
from benchmarks.contestants.pytorch_optimizers import build as build_optimizer
from benchmarks.handed import Handed, drawn, stored

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}


def build_network(handed: Handed) -> nn.Sequential:
    """The network with the weights that were handed over; biases start at zero."""
    case, weights = handed.case, iter(handed.weights)
    layers: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(pairwise(case.shape.widths)):
        dense = nn.Linear(inputs, outputs)
        with torch.no_grad():
            dense.weight.copy_(torch.from_numpy(next(weights)))
            dense.bias.zero_()
        layers.append(dense)
        if index < len(case.shape.hidden):
            layers += [nn.BatchNorm1d(outputs)] if case.batch_norm else []
            layers.append(ACTIVATIONS[case.shape.activation]())
            layers += [nn.Dropout(case.dropout)] if case.dropout else []
    return nn.Sequential(*layers)


def penalty(case: Case, matrices: list[Any]) -> Any:
    """The penalty that no optimizer of the library contains, as a term of the loss."""
    return case.strength * sum(matrix.abs().sum() for matrix in matrices)


def shrink(case: Case, matrices: list[Any]) -> None:
    """The proximal step of an L1 penalty, after the optimizer's."""
    threshold = case.strength * case.optimizer["learning_rate"]
    with torch.no_grad():
        for matrix in matrices:
            matrix.copy_(nn.functional.softshrink(matrix, threshold))


class PyTorch:
    """Rows are gathered mini-batch by mini-batch; losses are read after the clock has stopped."""

    def __init__(self, handed: Handed) -> None:
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        torch.set_default_dtype(getattr(torch, handed.case.precision))
        torch.manual_seed(0)
        self._handed = handed
        self._inputs = torch.from_numpy(handed.inputs)
        labels = torch.from_numpy(handed.labels)
        self._binary = handed.case.shape.outputs == 1
        self._targets = labels.to(self._inputs.dtype).unsqueeze(1) if self._binary else labels

    def train(self, *, shuffle: bool) -> Iterator[Epoch]:
        step, shape = self._stepper(), self._handed.case.shape
        orders = drawn(shape.rows) if shuffle else stored(shape.rows)
        while True:
            start = perf_counter()
            batches = torch.from_numpy(next(orders)).split(shape.batch_size)
            losses = [step(rows) for rows in batches]
            seconds = perf_counter() - start
            total = sum(float(loss) * len(rows) for loss, rows in zip(losses, batches, strict=True))
            yield Epoch(seconds, total / shape.rows)

    def _stepper(self) -> Callable[[Any], Any]:
        """A new network, as the function that trains it by one mini-batch and gives its loss."""
        case, network = self._handed.case, build_network(self._handed)
        matrices = [each.weight for each in network if isinstance(each, nn.Linear)]
        optimizer = build_optimizer(case, network, matrices)
        loss_function = nn.BCEWithLogitsLoss() if self._binary else nn.CrossEntropyLoss()

        def gradient(rows: Any) -> Any:
            optimizer.zero_grad()
            loss = loss_function(network(self._inputs[rows]), self._targets[rows])
            if case.penalty == "l1_subgradient":
                (loss + penalty(case, matrices)).backward()
            else:
                loss.backward()
            return loss.detach()

        def step(rows: Any) -> Any:
            if case.optimizer["kind"] == "lbfgs":
                return optimizer.step(lambda: gradient(rows))
            loss = gradient(rows)
            optimizer.step()
            if case.penalty == "l1_proximal":
                shrink(case, matrices)
            return loss

        return step


TRAINER = PyTorch
