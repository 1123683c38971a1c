from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from sensorium.processes.channel import Channel, Closed, Oversized


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    here, there = map(Channel, socket.socketpair())
    yield here, there
    here.close()
    there.close()


def test_a_large_frame_arrives_whole(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    body = os.urandom(3_000_000)
    sender = threading.Thread(target=here.send, args=(b"head", body))
    sender.start()
    head, received = there.receive(most_head=10, most_body=len(body))
    sender.join()
    assert head == b"head"
    assert received.tobytes() == body


def test_a_descriptor_comes_with_its_frame(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    reading, writing = os.pipe()
    here.send(b"head", descriptor=reading)
    os.close(reading)
    os.write(writing, b"through")
    os.close(writing)
    head, descriptor = there.receive_file(most_head=10)
    assert head == b"head"
    assert descriptor is not None
    with os.fdopen(descriptor, "rb") as file:
        assert file.read() == b"through"


def test_a_descriptor_that_nobody_asked_for_is_not_taken(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208
    here.send(b"head", descriptor=0)
    assert there.receive(most_head=10, most_body=0)[0] == b"head"
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


@pytest.mark.parametrize("lengths", [(11, 0), (0, 11), (2**32 - 1, 2**64 - 1)])
def test_a_length_above_the_limit_is_not_received(ends: tuple[Channel, Channel], lengths: tuple[int, int]) -> None:
    ends[0].connection.sendall(struct.pack("!IQ", *lengths))
    with pytest.raises(Oversized):
        ends[1].receive(most_head=10, most_body=10)


def test_the_end_of_the_other_side_is_closed(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    here.connection.sendall(struct.pack("!IQ", 5, 0) + b"hal")
    here.close()
    with pytest.raises(Closed):
        there.receive(most_head=10, most_body=10)
    with pytest.raises(Closed):
        there.send(b"x")


def test_time_is_shared_by_all_parts_of_a_frame(ends: tuple[Channel, Channel]) -> None:
    here, there = ends

    def drip() -> None:
        here.connection.sendall(struct.pack("!IQ", 1000, 0))
        for _ in range(20):
            time.sleep(0.05)
            here.connection.sendall(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    there.expire_in(0.2)
    with pytest.raises(TimeoutError):
        there.receive(most_head=1000, most_body=0)
    dripping.join()


def test_quiet_means_open_and_nothing_unread(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    assert here.is_quiet()
    there.send(b"stale")
    assert not here.is_quiet()
    here.receive(most_head=10, most_body=0)
    assert here.is_quiet()
    there.close()
    assert not here.is_quiet()


def test_a_peer_that_answers_a_frame_and_goes_does_not_break_the_sending(ends: tuple[Channel, Channel]) -> None:
    """Once the head of a frame without a body is out, the peer may have answered and closed already."""
    here, there = ends

    class Preempted:
        """Does not get on, after it has sent the head, until the peer is done."""

        def sendall(self, data: bytes) -> None:
            here.connection.sendall(data)
            if data == b"head":
                there.send(b"answer")
                there.close()

    Channel(Preempted()).send(b"head")  # type: ignore[arg-type]
    assert here.receive(most_head=10, most_body=0)[0] == b"answer"
