"""How well a cross-validation did on all rows that its folds held out, taken together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from engine import Task
from service.database.tables import Fold
from service.evaluations.schemas import Answers, Scores
from service.evaluations.service import judge
from service.folds import repository as folds
from service.folds.service import answer_of, label_of
from service.insight.samples import some_rows

__all__ = ["HeldOut"]


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The rows of all folds that ended: what is right, and what networks said that never saw them.

    ``truth`` and ``outputs`` are as ``judge`` takes them.
    """

    truth: NDArray[Any]
    outputs: NDArray[np.float64]
    task: Task

    @classmethod
    def read(cls, session: Session, ended: Sequence[Fold], task: Task) -> "HeldOut":
        """Those of at least one fold."""
        parts = [
            safetensors.numpy.load(folds.out_of_fold(session, each.job_id, each.fold))
            for each in ended
        ]
        truth, outputs = (np.concatenate([p[name] for p in parts]) for name in ("truth", "outputs"))
        return cls(truth, outputs, task)

    def scores(self) -> Scores:
        """How well the outputs fit."""
        return judge(self.truth, self.outputs, self.task)

    def answers(self, most: int) -> Answers:
        """So many rows one by one, drawn at random."""
        task, chosen = self.task, some_rows(len(self.truth), most)
        outputs = self.outputs[chosen]
        return Answers(
            truth=[label_of(each, task) for each in self.truth[chosen]],
            predictions=[label_of(answer_of(each, task), task) for each in outputs],
            probabilities=outputs.tolist() if task.classes else None,
        )
