"""One contestant at work on one case, in this process.

Usage: `python -m benchmarks.contestants NAME FOLDER CORE...`. The folder holds what was
handed over, and the caller has set the number of threads in the environment. After its first
epoch the process writes a line of JSON; it then answers one line with another until its input ends.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.contestants.answers import Answers
from benchmarks.handed import Handed


def pin(cores: list[int]) -> None:
    """Hold the process on these cores, whatever its libraries start."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)


def main(name: str, folder: Path, cores: list[int]) -> None:
    pin(cores)
    handed = Handed.load(folder)
    trainer = import_module(f"benchmarks.contestants.{name}").TRAINER
    answers = Answers(trainer, handed)
    print(json.dumps({"loss": answers.first.loss}), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        answer = getattr(answers, question.pop("ask"))(**question)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), list(map(int, sys.argv[3:])))
