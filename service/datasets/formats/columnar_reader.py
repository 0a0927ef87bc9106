"""The program that reads a Parquet or Arrow file: a script of its own, which may crash.

Polars trusts these formats: a damaged file can make it ask for more memory than there is, which
ends the process, whatever Python would catch. So the file is read by a process that can be lost.

    python -P columnar_reader.py FORMAT ROWS COLUMNS BYTES < file > arrow-ipc-stream

Exit status 3: more rows or columns than allowed, or none; both numbers are on the output.
Exit status 4: the file cannot be read; the reason is on the output. Any other: it crashed.
It imports nothing of ours, because it has to start quickly.
"""

import resource
import sys
from collections.abc import Callable
from typing import BinaryIO

import polars as pl
from polars.exceptions import PanicException, PolarsError

_ITSELF = 4 << 30
"""Address space that Polars and its threads reserve without using it."""


def main() -> int:
    """Read from standard input, which is a file, write to standard output; answer the status."""
    name, rows, columns, memory = sys.argv[1], *map(int, sys.argv[2:5])
    _limit(resource.RLIMIT_AS, _ITSELF + memory)
    # A crash is expected here: it must not fill the disk.
    _limit(resource.RLIMIT_CORE, 0)
    file = sys.stdin.buffer
    try:
        file.seek(0)  # where the file was left is no matter
        if name == "parquet" and not _fits(found := _parquet_shape(file), rows, columns):
            return _answer(3, f"{found[0]} {found[1]}")
        file.seek(0)
        frame = _READERS[name](file)
        if not _fits(frame.shape, rows, columns):
            return _answer(3, f"{frame.height} {frame.width}")
        frame.write_ipc_stream(sys.stdout.buffer)
    except (PolarsError, PanicException, OSError, ValueError, OverflowError, MemoryError) as error:
        return _answer(4, str(error).partition("\n")[0][:200])
    return 0


def _fits(shape: tuple[int, int], rows: int, columns: int) -> bool:
    return 0 < shape[0] <= rows and 0 < shape[1] <= columns


def _limit(what: int, most: int) -> None:
    """Set a limit of this process, where it has no lower one already."""
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _answer(status: int, text: str) -> int:
    sys.stdout.write(text)
    return status


def _parquet_shape(file: BinaryIO) -> tuple[int, int]:
    """From the metadata: the values are not read."""
    lazy = pl.scan_parquet(file)
    return lazy.select(pl.len()).collect().item(), len(lazy.collect_schema())


_READERS: dict[str, Callable[[BinaryIO], pl.DataFrame]] = {
    "parquet": pl.read_parquet,
    "arrow": pl.read_ipc,
    "arrow_stream": pl.read_ipc_stream,
}

if __name__ == "__main__":
    sys.exit(main())
