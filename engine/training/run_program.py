"""The program of a run: compiled, allocated, and filled with the numbers of a state."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.errors import InvalidState
from engine.precompile.two_processes import compile_in_two
from engine.program.kernel_lists import program_kernels
from engine.program.program import Program
from engine.program.threads import available_cores
from engine.state import TrainingState
from engine.training.epoch_chunks import EpochChunk
from engine.training.planning import Outline, capacity
from engine.training.samples import Samples

__all__ = ["compile_loop", "restore_program", "run_program"]


def run_program(outline: Outline, threads: int | None) -> Program:
    """The program that trains what is outlined; two processes compile what it needs, if anything.

    It may use so many ``threads``, by default as many as there are processors.
    """
    recipe, plan = outline.recipe, outline.plan
    parts: dict[str, Any] = {
        "loss": recipe.chosen.loss,
        "task": outline.task.kind,
        "batch_size": plan.batch_size,
        "optimizer": recipe.optimizer,
        "regularizers": recipe.regularizers,
        "clipping": recipe.clipping,
        "augmentation": recipe.augmentation,
        "threads": threads or available_cores(),
    }
    compile_in_two(recipe.dtype, program_kernels(outline.network, **parts))
    return Program(
        outline.network,
        dtype=recipe.dtype,
        capacity=capacity(plan.batch_size, plan.train_rows, plan.validation_rows),
        **parts,
    )


def restore_program(program: Program, state: TrainingState) -> None:
    """Copy the arrays of a state into a program.

    Raises InvalidState where their shapes or precision are not those of the program.
    """
    for name, mine, other in (
        ("theta", program.theta, state.theta),
        ("slots", program.slots, state.slots),
        ("scalars", program.scalars, state.scalars),
        ("layer_state", program.state, state.layer_state),
    ):
        if mine.shape != other.shape or mine.dtype != other.dtype:
            raise InvalidState(
                f"The state's {name} is {other.dtype}{list(other.shape)}, but this run needs "
                f"{mine.dtype}{list(mine.shape)}: it belongs to another network or optimizer."
            )
        mine[...] = other


def compile_loop(program: Program, chunk: EpochChunk, train: Samples) -> None:
    """Run the loop over no rows at all, so that it is compiled or loaded before any clock runs."""
    nothing, none, run_key = np.zeros(0), train.none(), np.uint64(0)
    program.train(
        train.x,
        train.targets,
        nothing.astype(np.uint32),
        position=0,
        step=0,
        rates=nothing,
        run_key=run_key,
        totals=program.totals(),
        weights=train.weights,
    )
    program.evaluate(none.x, none.targets, program.totals())
    if chunk.max_epochs > 1:
        chunk.run_ahead(
            0, train, none, step=0, epoch=0, rates=nothing, run_key=run_key, shuffle=None
        )
