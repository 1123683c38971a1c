"""A server that is killed while files come in: the next one goes on where the bytes on the disk end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sensorium
from sensorium import messages
from sensorium.client import RemoteLibrary
from sensorium.messages import Request

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]

PROGRAM = Path(__file__).with_name("served.py")
WORDS = ("a red fox sleeps in the snow. " * 1_000).encode()
NAME = "long note.txt"


class Servers:
    """Processes that serve one library, one after the other."""

    def __init__(self, library: Path) -> None:
        self.library = library
        self.process: subprocess.Popen[str] | None = None
        self.remote: RemoteLibrary | None = None

    def start(self, *how: str) -> RemoteLibrary:
        """A client of a new server."""
        self.kill()
        command = [sys.executable, str(PROGRAM), str(self.library), *how]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.remote = sensorium.connect(self.process.stdout.readline().strip())
        return self.remote

    def kill(self) -> None:
        """Ends the server as a power cut would end the process."""
        if self.remote is not None:
            self.remote.close()
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    servers = Servers(tmp_path / "library")
    yield servers
    servers.kill()


def begin(remote: RemoteLibrary) -> str:
    upload = remote._json(messages.upload(NAME, len(WORDS)))
    return f"/v1/uploads/{upload['id']}"


def send(remote: RemoteLibrary, path: str, start: int, end: int) -> dict[str, Any]:
    return remote._json(messages.block(path, WORDS[start:end], start, len(WORDS)))


def receipt(remote: RemoteLibrary, path: str) -> list[dict[str, Any]]:
    """The receipt of an upload that is complete, once it is added."""
    job = remote._json(Request(path=path))["job"]
    while True:
        lines = messages.settled(remote._json(Request(path=f"/v1/jobs/{job}")), NAME)
        if lines is not None:
            return lines
        time.sleep(0.05)


def text_of(remote: RemoteLibrary, item: str) -> str:
    return " ".join(piece["text"] for piece in remote.show(item)["pieces"])


def test_a_file_that_was_half_sent_goes_on_after_a_kill(servers: Servers) -> None:
    remote = servers.start()
    path = begin(remote)
    send(remote, path, 0, 12_000)
    remote = servers.start()
    here = remote._json(Request(path=path))["received"]
    assert here == 12_000
    send(remote, path, here, len(WORDS))
    (line,) = receipt(remote, path)
    assert line["outcome"] == "added"
    assert text_of(remote, line["item"]).count("fox") >= 1_000


def test_bytes_that_no_answer_acknowledged_are_not_counted(servers: Servers) -> None:
    remote = servers.start()
    path = begin(remote)
    send(remote, path, 0, 9_000)
    (file,) = servers.library.glob(f"uploads/*/{NAME}")
    servers.kill()
    with file.open("ab") as stream:
        stream.write(b"\0" * 1_000)  # what a power cut may leave
    remote = servers.start()
    assert remote._json(Request(path=path))["received"] == 9_000
    send(remote, path, 9_000, len(WORDS))
    (line,) = receipt(remote, path)
    assert "\0" not in text_of(remote, line["item"])


def test_a_file_that_was_complete_is_added_by_the_next_server(servers: Servers) -> None:
    remote = servers.start("held")
    path = begin(remote)
    assert send(remote, path, 0, len(WORDS))["state"] == "complete"
    remote = servers.start()
    (line,) = receipt(remote, path)
    assert line["outcome"] == "added"
    assert not list(servers.library.glob("uploads/*/.receiving"))
    servers.start()
    assert len(list(servers.remote.items() if servers.remote else ())) == 1
