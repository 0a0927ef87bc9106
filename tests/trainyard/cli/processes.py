"""The command line as a process of its own, whose outputs are pipes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping


def start(*words: object, env: Mapping[str, str]) -> subprocess.Popen[str]:
    """A command that has begun; nothing is written to its stdin."""
    command = [sys.executable, "-m", "trainyard", *map(str, words)]
    return subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
