"""One interleaved run of a case: every contestant in its own process, taking turns."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

from benchmarks.case import Case
from benchmarks.handing import hand
from benchmarks.results import Copy, Measurement, Turn
from benchmarks.roster import Contestant
from benchmarks.seat import Seat

LOSS_EPOCHS = 3
"""How many epochs' losses are compared."""
SETTLE_SECONDS = 0.05
"""A pause after each turn: the thread pools of some libraries spin on before they sleep."""
MIN_ROUNDS, ENOUGH_SECONDS = 3, 8.0


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How processes share the machine: one alone with some threads, or one on each core."""

    threads: int
    copies: int = 1


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long is measured: a turn takes so many seconds, or one epoch where that is longer.

    Epochs of several seconds vary less: from ``ENOUGH_SECONDS`` on fewer rounds will do.
    """

    rounds: int
    seconds: float = 0.3

    def rounds_left(self, done: int, turn_seconds: float) -> bool:
        """Whether there is another round, when the longest turn took so long."""
        enough = done >= MIN_ROUNDS and done * turn_seconds >= ENOUGH_SECONDS
        return done < self.rounds and not enough


def cores() -> list[int]:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


ONE_THREAD = [[Setting(threads=1)]]


def settings() -> list[list[Setting]]:
    """Alone with one thread and with one per core, in the same rounds; then one job per core."""
    count = len(cores())
    if count == 1:
        return ONE_THREAD
    return [
        [Setting(threads=1), Setting(threads=count)],
        [Setting(threads=1, copies=count)],
    ]


class Crew:
    """All copies of one contestant; they work at once, or wait."""

    def __init__(self, seats: Sequence[Seat]) -> None:
        self._seats = seats
        self._first = [seat.first_epoch() for seat in seats]
        self._turns: list[list[Turn]] = [[] for _ in seats]

    def _ask(self, question: str, **arguments: Any) -> list[Any]:
        for seat in self._seats:
            seat.send(question, **arguments)
        return [seat.receive() for seat in self._seats]

    def turn(self, seconds: float) -> float:
        """Take one; returns the seconds of its epochs."""
        taken = [Turn(**answer) for answer in self._ask("turn", seconds=seconds)]
        for turns, turn in zip(self._turns, taken, strict=True):
            turns.append(turn)
        sleep(SETTLE_SECONDS)
        return max(turn.seconds for turn in taken)

    def copies(self) -> list[Copy]:
        return [
            Copy(first_epoch_seconds=first, turns=turns, **usage)
            for first, turns, usage in zip(
                self._first, self._turns, self._ask("usage"), strict=True
            )
        ]

    def losses(self) -> list[float] | None:
        """Of the first copy, all have the same; None where a contestant has none to compare."""
        losses: list[float | None] = self._seats[0].ask("losses", epochs=LOSS_EPOCHS)
        told = [loss for loss in losses if loss is not None]
        return told if len(told) == len(losses) else None


def seats_of(contestant: str, folder: Path, setting: Setting) -> list[Seat]:
    """Started at once; copy number i has the i-th portion of the cores."""
    available = cores()
    return [
        Seat(
            contestant,
            folder,
            setting.threads,
            available[index * setting.threads : (index + 1) * setting.threads],
        )
        for index in range(setting.copies)
    ]


def interleaved(
    folder: Path, entries: Sequence[tuple[Contestant, Setting]], effort: Effort
) -> Iterator[tuple[Contestant, Setting, Crew]]:
    """Start all, one after another, and let them take turns; yields them when all is measured."""
    with ExitStack() as stack:
        crews = []
        for contestant, setting in entries:
            seats = seats_of(contestant.name, folder, setting)
            for seat in seats:
                stack.enter_context(seat)
            crews.append(Crew(seats))
        done, longest = 0, 0.0
        while effort.rounds_left(done, longest):
            longest = max(crew.turn(effort.seconds) for crew in crews)
            done += 1
        for (contestant, setting), crew in zip(entries, crews, strict=True):
            yield contestant, setting, crew


def fill_caches(folder: Path, contestants: Sequence[Contestant]) -> None:
    """Start each once and forget it, so that compiled code and imports come from disk caches."""
    for contestant in contestants:
        (seat,) = seats_of(contestant.name, folder, Setting(threads=1))
        with seat:
            seat.first_epoch()


def measure(
    case: Case,
    contestants: Sequence[Contestant],
    groups: Sequence[Sequence[Setting]],
    effort: Effort,
    *,
    warm: bool = False,
    compare: bool = True,
) -> Iterator[Measurement]:
    """The case in every setting; those of a group are measured in the same rounds.

    Losses, if they are to be compared, are asked for in the first setting. ``warm`` starts
    whoever keeps compiled code once before, so that the time to the first epoch is that of a
    machine on which this case has been trained before.
    """
    taking_part = [each for each in contestants if each.takes(case)]
    first = groups[0][0]
    with TemporaryDirectory() as name:
        folder = Path(name)
        hand(case).save(folder)
        if warm:
            fill_caches(folder, [each for each in taking_part if each.caches])
        for group in groups:
            print(case.name, *(f"{s.copies} x {s.threads}" for s in group), file=sys.stderr)
            entries = [
                (each, setting)
                for setting in group
                for each in taking_part
                if each.is_measured(setting.copies)
            ]
            for contestant, setting, crew in interleaved(folder, entries, effort):
                told = compare and setting is first and contestant.learns_alike(case)
                yield Measurement(
                    case=case.name,
                    contestant=contestant.name,
                    threads=setting.threads,
                    copies=crew.copies(),
                    losses=crew.losses() if told else None,
                )
