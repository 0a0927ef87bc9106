"""Sockets of the server: all addresses of a host, one port, and reasons in words."""

import errno
import os
import socket

import pytest

from service.http.sockets import ListenError, listening, reason


def test_all_addresses_of_a_host_have_one_port() -> None:
    with listening("localhost", 0) as sockets:
        names = {each.getsockname()[:2] for each in sockets}
        assert len(names) == len(sockets) > 0
        (port,) = {port for _, port in names}
        for each in sockets:
            with socket.create_connection(each.getsockname()[:2]):
                pass
    with listening("localhost", port) as again:
        assert len(again) == len(sockets), "it was free again"


def test_a_port_is_locked_once() -> None:
    with listening("127.0.0.1", 0) as (taken,):
        port = taken.getsockname()[1]
        with (
            pytest.raises(ListenError, match=f"port {port} of 127.0.0.1 is in use"),
            listening("127.0.0.1", port),
        ):
            pass


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b"])
def test_a_host_that_nobody_knows(host: str) -> None:
    with pytest.raises(ListenError, match="there is no host"), listening(host, 0):
        pass


@pytest.mark.parametrize(
    ("number", "port", "hint"),
    [
        (errno.EADDRINUSE, 8000, "try --port 8001"),
        (errno.EADDRINUSE, 65_535, "try --port 65534"),
        (errno.EACCES, 80, "try --port 8000"),
        (errno.EADDRNOTAVAIL, 8000, "--host"),
        (errno.EMFILE, 8000, "Too many open files"),
    ],
)
def test_reasons_say_what_to_change(number: int, port: int, hint: str) -> None:
    told = reason(OSError(number, os.strerror(number)), "127.0.0.1", port)
    assert hint in told
    assert "127.0.0.1" in told
