"""How a pure function becomes a method, of both clients at once.

An operation is written once, as a function that knows no client and does no I/O: from arguments to
a :class:`Call`, or to a generator of calls. What holds it says by its type who sends it: on
``Resource[Sender]`` the method gives the result, on ``Resource[AsyncSender]`` it is awaited.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import (
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    Protocol,
    Self,
    TypeAlias,
    TypeVar,
    overload,
)

from trainyard.errors import NotConnected
from trainyard.protocol.following import Following
from trainyard.protocol.paging import Paging
from trainyard.protocol.request import Call, Steps

P = ParamSpec("P")
T = TypeVar("T")
Now = TypeVar("Now")
Later = TypeVar("Later")
S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)

Source: TypeAlias = Following[T] | Paging[T]
"""What is given item by item, over as many requests as it takes."""


class Sender(Protocol):
    """What carries work out while its caller waits: the synchronous client."""

    def send(self, work: Call[T] | Steps[T]) -> T: ...

    def iterate(self, source: Source[T]) -> Iterator[T]: ...


class AsyncSender(Protocol):
    """What carries work out while others go on: the asynchronous client."""

    async def send(self, work: Call[T] | Steps[T]) -> T: ...

    def iterate(self, source: Source[T]) -> AsyncIterator[T]: ...


class Sending(Protocol[S_co]):
    """Whatever has operations: a group of them, or a thing that was answered with."""

    @property
    def sender(self) -> S_co: ...


class Resource(Generic[S]):
    """A group of operations, such as ``client.jobs``."""

    def __init__(self, sender: S) -> None:
        self._sender = sender

    @property
    def sender(self) -> S:
        """The client that carries them out."""
        return self._sender


class Connected(Generic[S]):
    """A record with its client, which is no part of the value: not compared, copied or pickled."""

    _sender: S

    @property
    def sender(self) -> S:
        """The client that it came from."""
        try:
            return self._sender
        except AttributeError:
            raise NotConnected(type(self).__name__) from None


class Operation(Generic[P, Now, Later]):
    """Makes a function that builds work into a method that has it done.

    The method takes the function's arguments. With ``of_itself`` the first of them is what the
    method is called on.
    """

    def __init__(self, build: Callable[..., Any], *, of_itself: bool = False) -> None:
        self.build, self.of_itself = build, of_itself
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, on: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, on: Sending[Sender], owner: type[Any]) -> Callable[P, Now]: ...
    @overload
    def __get__(
        self, on: Sending[AsyncSender], owner: type[Any]
    ) -> Callable[P, Coroutine[Any, Any, Later]]: ...
    def __get__(self, on: Sending[Any] | None, owner: type[Any]) -> Any:
        return self if on is None else _method(on.sender.send, self.build, self.of_itself, on)


class Iteration(Generic[P, Now, Later]):
    """The same for what is given item by item."""

    def __init__(self, build: Callable[..., Any], *, of_itself: bool = False) -> None:
        self.build, self.of_itself = build, of_itself
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, on: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, on: Sending[Sender], owner: type[Any]) -> Callable[P, Iterator[Now]]: ...
    @overload
    def __get__(
        self, on: Sending[AsyncSender], owner: type[Any]
    ) -> Callable[P, AsyncIterator[Later]]: ...
    def __get__(self, on: Sending[Any] | None, owner: type[Any]) -> Any:
        return self if on is None else _method(on.sender.iterate, self.build, self.of_itself, on)


def _method(
    carry_out: Callable[[Any], Any], build: Callable[..., Any], of_itself: bool, on: object
) -> Callable[..., Any]:
    described = functools.partial(build, on) if of_itself else build

    @functools.wraps(build)
    def method(*args: Any, **kwargs: Any) -> Any:
        return carry_out(described(*args, **kwargs))

    method.__wrapped__ = described  # what its signature is read from
    return method


def operation(build: Callable[P, Call[T] | Steps[T]]) -> Operation[P, T, T]:
    """Makes a function that builds a call, or a generator of calls, into a method."""
    return Operation(build)


def iteration(build: Callable[P, Source[T]]) -> Iteration[P, T, T]:
    """Makes a function that builds a source of items into a method that gives them one by one."""
    return Iteration(build)


@overload
def own(operation: Operation[Concatenate[Any, P], Now, Later]) -> Operation[P, Now, Later]: ...
@overload
def own(operation: Iteration[Concatenate[Any, P], Now, Later]) -> Iteration[P, Now, Later]: ...
def own(operation: Operation[Any, Any, Any] | Iteration[Any, Any, Any]) -> Any:
    """An operation of a resource as a method of what it is about: ``job.pause()``."""
    return type(operation)(operation.build, of_itself=True)
