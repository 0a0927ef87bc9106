"""What the tests of web pages have in common: a browser, and a service that lets the pages in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from tests.plugins.browsers import browser, chromium, playwright

__all__ = ["browser", "chromium", "files_served", "playwright"]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """What it is asked for is of no interest."""


@contextmanager
def files_served(folder: Path) -> Iterator[str]:
    """Serve a folder as it is, as any web server would; gives the origin."""
    handler: Callable[..., SimpleHTTPRequestHandler] = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, name="test-files")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
