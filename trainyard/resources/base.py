"""How a pure function becomes a method, of both clients at once.

An operation is written once, as a function that knows no client and does no I/O: from arguments to
a :class:`Call`, or to a generator of calls. What holds it says by its type who sends it: on
``Resource[Sender]`` the method gives the result, on ``Resource[AsyncSender]`` it is awaited.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import (
    TYPE_CHECKING,
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

from trainyard.protocol.following import Following
from trainyard.protocol.paging import Paging
from trainyard.protocol.request import Call, Steps

if TYPE_CHECKING:
    from trainyard.objects import AsyncDataset, AsyncJob, AsyncModel, Dataset, Job, Model
    from trainyard.records import DatasetRecord, JobRecord, ModelRecord, Page

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


# The same for what gives records that become the objects of the client that asked: the types say
# so here, and `trainyard.objects.connected` does it. One overloaded decorator would not do, because
# a function with an Any among its arguments, which JSON is, matches several overloads at once.


def giving_job(
    build: Callable[P, Call[JobRecord] | Steps[JobRecord]],
) -> Operation[P, Job, AsyncJob]:
    """An operation that gives a job."""
    return Operation(build)


def giving_jobs(
    build: Callable[P, Call[Page[JobRecord]]],
) -> Operation[P, Page[Job], Page[AsyncJob]]:
    """An operation that gives a page of jobs."""
    return Operation(build)


def giving_model(
    build: Callable[P, Call[ModelRecord] | Steps[ModelRecord]],
) -> Operation[P, Model, AsyncModel]:
    """An operation that gives a model."""
    return Operation(build)


def giving_models(
    build: Callable[P, Call[Page[ModelRecord]]],
) -> Operation[P, Page[Model], Page[AsyncModel]]:
    """An operation that gives a page of models."""
    return Operation(build)


def giving_dataset(
    build: Callable[P, Call[DatasetRecord]],
) -> Operation[P, Dataset, AsyncDataset]:
    """An operation that gives a dataset."""
    return Operation(build)


def giving_datasets(
    build: Callable[P, Call[Page[DatasetRecord]]],
) -> Operation[P, Page[Dataset], Page[AsyncDataset]]:
    """An operation that gives a page of datasets."""
    return Operation(build)


@overload
def iteration(build: Callable[P, Paging[JobRecord]]) -> Iteration[P, Job, AsyncJob]: ...
@overload
def iteration(build: Callable[P, Paging[ModelRecord]]) -> Iteration[P, Model, AsyncModel]: ...
@overload
def iteration(build: Callable[P, Paging[DatasetRecord]]) -> Iteration[P, Dataset, AsyncDataset]: ...
@overload
def iteration(build: Callable[P, Source[T]]) -> Iteration[P, T, T]: ...
def iteration(build: Callable[..., Any]) -> Iteration[..., Any, Any]:
    """Makes a function that builds a source of items into a method that gives them one by one."""
    return Iteration(build)


@overload
def own(operation: Operation[Concatenate[Any, P], Now, Later]) -> Operation[P, Now, Later]: ...
@overload
def own(operation: Iteration[Concatenate[Any, P], Now, Later]) -> Iteration[P, Now, Later]: ...
def own(operation: Operation[Any, Any, Any] | Iteration[Any, Any, Any]) -> Any:
    """An operation of a resource as a method of what it is about: ``job.pause()``."""
    return type(operation)(operation.build, of_itself=True)


class Named(Protocol):
    """Anything of the service's that has an id."""

    @property
    def id(self) -> str: ...


def identifier(thing: str | Named) -> str:
    """The id of a thing that is given as its id or as itself."""
    return thing if isinstance(thing, str) else thing.id
