"""Who holds a lease, in a form that tells on the same machine whether it is still alive."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def own_name() -> str:
    """Host, boot, process namespace, process and its start: no two workers share it."""
    return f"{_place()}/{os.getpid()}/{_started(os.getpid())}"


def is_dead(owner: str) -> bool:
    """Whether the owner was a process of this machine that does not exist any more.

    False when it cannot be known: then only the end of the lease tells.
    """
    place, _, process = owner.rpartition("/")
    place, _, number = place.rpartition("/")
    if place != _place() or not number.isdigit() or not Path("/proc/self").exists():
        return False
    return _started(int(number)) != process


def _place() -> str:
    return f"{socket.gethostname()}/{_read('/proc/sys/kernel/random/boot_id')}/{_namespace()}"


def _namespace() -> str:
    """Containers of one host count their processes separately."""
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return ""


def _started(process: int) -> str:
    """When a process began, in clock ticks since boot: numbers of processes are used again."""
    stat = _read(f"/proc/{process}/stat")
    fields = stat.rpartition(")")[2].split()
    if not fields or fields[0] == "Z":
        return ""
    return fields[19]


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
