"""How much memory the processes of the service have. Linux only."""

from collections.abc import Iterator
from pathlib import Path

API, TRAINING = "API process", "training process"
TRAINER = "service.worker.process"


def below(ancestor: int) -> Iterator[tuple[str, int]]:
    """Every process that descends from another: what it runs, and its number."""
    parents = {int(folder.name): _parent(folder) for folder in Path("/proc").glob("[0-9]*")}
    for process, parent in parents.items():
        above: int | None = parent
        while above is not None and above != ancestor:
            above = parents.get(above)
        if above == ancestor:
            yield _name(process), process


def _parent(folder: Path) -> int | None:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _name(process: int) -> str:
    try:
        command = Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return "ended"
    if TRAINER in command:
        return TRAINING
    if "serve" in command:
        return API
    return "reader of the upload" if "columnar_reader.py" in " ".join(command) else "others"


def peak_bytes(process: int | str) -> int:
    """VmHWM of a process; 0 if it has ended."""
    return _status(process, "VmHWM")


def resident_bytes(process: int | str) -> int:
    """VmRSS of a process; 0 if it has ended."""
    return _status(process, "VmRSS")


def _status(process: int | str, name: str) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith(f"{name}:")]
    return int(found[0]) * 1024 if found else 0
