"""The sockets of a server, opened before anything else is done: no work for a port in use."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

__all__ = ["ListenError", "listening", "reason"]

BACKLOG = 2048
"""Connections that may wait to be accepted; they wait while the service starts, too."""
MAX_PORT = 65_535


class ListenError(Exception):
    """It cannot listen at the address; the message says what to change."""


@contextmanager
def listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Listen at every address of ``host`` until the end of the block.

    All sockets have the same port; 0 takes one that is free. Raises ListenError.
    """
    with ExitStack() as opened:
        try:
            sockets = _opened(opened, _addresses(host, port))
        except (OSError, UnicodeError) as error:
            raise ListenError(reason(error, host, port)) from error
        yield sockets


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
    """What a name stands for, such as 127.0.0.1 and ::1 for localhost."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return [*dict.fromkeys((family, address) for family, _, _, _, address in found)]


def _opened(
    opened: ExitStack, addresses: list[tuple[socket.AddressFamily, Any]]
) -> list[socket.socket]:
    """A listening socket each; an address that this machine lacks is left out, if others are there.

    That is the one of IPv6 where it is switched off.
    """
    sockets: list[socket.socket] = []
    absent = None
    for family, (name, port, *rest) in addresses:
        same = sockets[0].getsockname()[1] if sockets else port
        try:
            made = socket.create_server((name, same, *rest), family=family, backlog=BACKLOG)
        except OSError as error:
            if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                raise
            absent = error
        else:
            sockets.append(opened.enter_context(made))
    if absent is not None and not sockets:
        raise absent
    return sockets


def reason(error: OSError | UnicodeError, host: str, port: int) -> str:
    """Why it cannot listen there, and what to change."""
    if isinstance(error, UnicodeError | socket.gaierror):
        return f"there is no host {host!r}: give --host an address of this machine, as in 127.0.0.1"
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < MAX_PORT else port - 1
        return (
            f"port {port} of {host} is in use: stop what listens there, or try --port {other} "
            "(--port 0 takes a free one)"
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return (
            f"port {port} of {host} is not for this user: most systems keep those below 1024 for "
            "their own services; try --port 8000"
        )
    if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
        return (
            f"{host} is no address of this machine: give --host one that is, 127.0.0.1 for this "
            "machine alone or 0.0.0.0 for all of its networks"
        )
    return f"cannot listen on port {port} of {host}: {os.strerror(error.errno or 0)}"
