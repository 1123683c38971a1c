"""A server that listens: how connections to it behave."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from sensorium.library import Library
from sensorium.server.options import ServeOptions
from sensorium.server.running import Serving


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_an_answer_does_not_wait_until_its_head_is_acknowledged(shared: tuple[Library, Path]) -> None:
    serving = Serving(shared[0], ServeOptions(port=0), warm=False)
    with serving.listening():
        assert serving._socket is not None
        with socket.create_connection(serving._socket.getsockname()):
            connection, _ = serving._socket.accept()
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
