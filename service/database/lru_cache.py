"""Things that are kept in memory while they are used."""

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

__all__ = ["Kept"]

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The most recently used things that fit into so many bytes; safe to share between threads."""

    def __init__(self, capacity_bytes: int) -> None:
        self._capacity = capacity_bytes
        self._size = 0
        self._things: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """What was kept under a key, if it still is."""
        with self._lock:
            found = self._things.get(key)
            if found is None:
                return None
            self._things.move_to_end(key)
            return found[0]

    def keep(self, key: K, thing: V, size: int) -> None:
        """Keep a thing of so many bytes, and let go of those that were not used for longest."""
        with self._lock:
            self._size += size - self._things.pop(key, (thing, 0))[1]
            self._things[key] = (thing, size)
            while self._size > self._capacity and len(self._things) > 1:
                self._size -= self._things.popitem(last=False)[1][1]
