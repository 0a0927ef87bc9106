"""PyTorch on the CPU: the usual loop, with the fused Adam."""

from collections.abc import Iterator
from itertools import pairwise
from time import perf_counter

import torch
from torch import nn

from benchmarks.shapes import Shape

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}


def build(shape: Shape) -> nn.Sequential:
    layers: list[nn.Module] = []
    widths = shape.widths
    for index, (inputs, outputs) in enumerate(pairwise(widths)):
        layers.append(nn.Linear(inputs, outputs))
        if index < len(shape.hidden):
            layers.append(ACTIVATIONS[shape.activation]())
    return nn.Sequential(*layers)


def epochs(shape: Shape) -> Iterator[float]:
    """Seconds of one epoch after another."""
    torch.manual_seed(0)
    inputs, labels = map(torch.from_numpy, shape.data())
    network = build(shape)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001, fused=True)
    binary = shape.outputs == 1
    loss_function = nn.BCEWithLogitsLoss() if binary else nn.CrossEntropyLoss()
    targets = labels.to(torch.float32).unsqueeze(1) if binary else labels
    while True:
        start = perf_counter()
        for rows in torch.randperm(shape.rows).split(shape.batch_size):
            optimizer.zero_grad()
            loss = loss_function(network(inputs[rows]), targets[rows])
            loss.backward()
            optimizer.step()
        yield perf_counter() - start
