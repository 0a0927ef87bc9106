"""What a run of the engine's benchmark leaves behind, and its JSON."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Strict: a file of another shape is refused, not half read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Turn(Record):
    """One contestant's turn in one round: seconds of its epochs."""

    epochs: int
    seconds: float
    median: float
    fastest: float
    slowest: float


class Copy(Record):
    """One process of a contestant, from its start to its end."""

    first_epoch_seconds: float
    peak_memory_bytes: int
    libraries: list[dict[str, Any]]
    turns: list[Turn]


class Measurement(Record):
    """A contestant on a case, alone with some threads or as one copy per core.

    ``losses`` are those of the first epochs from the same weights and in the same order of rows;
    they are None where they were not asked for.
    """

    case: str
    contestant: str
    threads: int
    copies: list[Copy]
    losses: list[float] | None = None


class Results(Record):
    """A whole run: every measurement, and the cases as they were handed over.

    ``schema_version`` is raised when a member changes its meaning; 1 had bare lists of times.
    """

    schema_version: Literal[2] = 2
    machine: dict[str, Any]
    settings: dict[str, Any]
    cases: list[dict[str, Any]]
    measurements: list[Measurement]

    def save(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Results":
        return cls.model_validate_json(path.read_text(encoding="utf-8"))
