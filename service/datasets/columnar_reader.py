"""The program that reads a Parquet or Arrow file: a script of its own, which may crash.

Polars trusts these formats: a damaged file can make it ask for more memory than there is, which
ends the process, whatever Python would catch. So the file is read by a process that can be lost.

    python -P columnar_reader.py FORMAT ROWS COLUMNS BYTES < file > arrow-ipc-stream

Exit status 3: more rows or columns than allowed, or none; both numbers are on the output.
Exit status 4: the file cannot be read; the reason is on the output. Any other: it crashed.
It imports nothing of ours, because it has to start quickly.
"""

import io
import resource
import sys
from collections.abc import Callable

import polars as pl
from polars.exceptions import PanicException, PolarsError

_ITSELF = 4 << 30
"""Address space that Polars and its threads reserve without using it."""


def main() -> int:
    """Read from standard input, write to standard output; the answer is the exit status."""
    name, rows, columns, memory = sys.argv[1], *map(int, sys.argv[2:5])
    _limit(resource.RLIMIT_AS, _ITSELF + memory)
    # A crash is expected here: it must not fill the disk.
    _limit(resource.RLIMIT_CORE, 0)
    content = sys.stdin.buffer.read()
    try:
        found = _SHAPES[name](content)
        if not (0 < found[0] <= rows and 0 < found[1] <= columns):
            return _answer(3, f"{found[0]} {found[1]}")
        frame = _READERS[name](content)
        frame.write_ipc_stream(sys.stdout.buffer)
    except (PolarsError, PanicException, OSError, ValueError, OverflowError, MemoryError) as error:
        return _answer(4, str(error).partition("\n")[0][:200])
    return 0


def _limit(what: int, most: int) -> None:
    """Set a limit of this process, where it has no lower one already."""
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _answer(status: int, text: str) -> int:
    sys.stdout.write(text)
    return status


def _parquet_shape(content: bytes) -> tuple[int, int]:
    """From the metadata: the values are not read."""
    lazy = pl.scan_parquet(io.BytesIO(content))
    return lazy.select(pl.len()).collect().item(), len(lazy.collect_schema())


_READERS: dict[str, Callable[[bytes], pl.DataFrame]] = {
    "parquet": lambda content: pl.read_parquet(io.BytesIO(content)),
    "arrow": pl.read_ipc,
    "arrow_stream": pl.read_ipc_stream,
}
_SHAPES: dict[str, Callable[[bytes], tuple[int, int]]] = {
    "parquet": _parquet_shape,
    "arrow": lambda content: pl.read_ipc(content).shape,
    "arrow_stream": lambda content: pl.read_ipc_stream(content).shape,
}

if __name__ == "__main__":
    sys.exit(main())
