"""Letting long answers end when the server is asked to stop.

A server that is asked to stop waits for its open connections, and only then tells the application;
a stream that waited to be told would thus be waited for. So the signal itself is overheard;
whoever handled it before still does.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType

__all__ = ["Shutdown"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Shutdown:
    """Calls ``begin``, in a thread of its own, when the process is asked to stop."""

    def __init__(self, begin: Callable[[], None]) -> None:
        self._begin = begin
        self._before: dict[int, object] = {}

    def listen(self) -> None:
        """Overhear the signals, where that is possible: in the main thread."""
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._heard)

    def unlisten(self) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            if signal.getsignal(number) == self._heard:
                signal.signal(number, handler)  # type: ignore[arg-type]  # what signal() returned
        self._before.clear()

    def _heard(self, number: int, frame: FrameType | None) -> None:
        threading.Thread(target=self._begin, name="trainyard-shutdown", daemon=True).start()
        handler = self._before.get(number)
        if callable(handler):
            handler(number, frame)
        else:
            self.unlisten()
            signal.raise_signal(number)
