"""How a pure function becomes a method of a client."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Generic, ParamSpec, Protocol, Self, TypeVar, overload

from trainyard.protocol.following import Following
from trainyard.protocol.request import Call, Steps

P = ParamSpec("P")
T = TypeVar("T")


class Sender(Protocol):
    """What carries the work out: the synchronous client."""

    def send(self, work: Call[T] | Steps[T]) -> T: ...

    def follow(self, following: Following[T]) -> Iterator[T]: ...


class Resource:
    """A group of operations, such as ``client.jobs``."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender


class operation(Generic[P, T]):  # noqa: N801 - a decorator, like property
    """Makes a function that builds a call into a method that sends it and gives its result.

    The function knows no client and does no I/O, takes the method's arguments (no ``self``), and
    may also be a generator that yields several calls one after another.
    """

    def __init__(self, build: Callable[P, Call[T] | Steps[T]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, resource: None, owner: type[Resource]) -> Self: ...
    @overload
    def __get__(self, resource: Resource, owner: type[Resource]) -> Callable[P, T]: ...
    def __get__(self, resource: Resource | None, owner: type[Resource]) -> Self | Callable[P, T]:
        if resource is None:
            return self

        @functools.wraps(self.build)
        def method(*args: P.args, **kwargs: P.kwargs) -> T:
            return resource.sender.send(self.build(*args, **kwargs))

        return method


class Named(Protocol):
    """Anything of the service's that has an id."""

    @property
    def id(self) -> str: ...


def identifier(thing: str | Named) -> str:
    """The id of a thing that is given as its id or as itself."""
    return thing if isinstance(thing, str) else thing.id
