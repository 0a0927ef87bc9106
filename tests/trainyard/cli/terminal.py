"""The command line in a terminal of its own, as a person has it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from typing import NamedTuple

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Shown(NamedTuple):
    """How a command ended, and all that it wrote to the terminal, with the escapes in it."""

    code: int
    raw: str

    @property
    def lines(self) -> list[str]:
        """What was written, without escapes; what was overwritten is still there."""
        return [line.rstrip() for line in re.split(r"[\r\n]+", CONTROL.sub("", self.raw))]


def show(*words: str, columns: int, environment: Mapping[str, str], typed: str = "") -> Shown:
    """Run a command with a terminal for its outputs, and for what is ``typed`` to it."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    own = {k: v for k, v in environment.items() if k not in {"COLUMNS", "LINES"}}
    process = subprocess.Popen(
        [sys.executable, "-m", "trainyard", *words],
        env={"TERM": "xterm-256color"} | own,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
    )
    os.close(theirs)
    written = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return Shown(process.wait(timeout=60), written.decode())


def _read(descriptor: int) -> bytes:
    """What comes next; nothing once all have closed the other end."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""
