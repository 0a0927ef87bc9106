"""What is varied on one shape: precision, layers, penalties, and every optimizer of the engine."""

from dataclasses import asdict, replace

from benchmarks.case import Case, plain
from benchmarks.shapes import SHAPES
from engine import Optimizer

SHAPE = SHAPES["digits"]


def optimizers() -> list[Case]:
    """The engine's whole family with its defaults; those for full batches get full batches."""
    cases = []
    for member in Optimizer.members():
        if not issubclass(member, Optimizer):
            continue
        rows = SHAPE.rows if member.full_batch else SHAPE.batch_size
        shape = replace(SHAPE, batch_size=rows)
        members = asdict(member())
        cases.append(Case(name=f"optimizer {member.kind_name()}", shape=shape, optimizer=members))
    return cases


def variants() -> list[Case]:
    """Every variant, each by a name of its own."""
    base = plain(SHAPE)
    return [
        replace(base, name="float64", precision="float64"),
        replace(base, name="dropout", dropout=0.2),
        replace(base, name="batch norm", batch_norm=True),
        replace(base, name="l1 proximal", penalty="l1_proximal"),
        replace(base, name="l1 subgradient", penalty="l1_subgradient"),
        replace(base, name="l2", penalty="l2"),
        *optimizers(),
    ]
