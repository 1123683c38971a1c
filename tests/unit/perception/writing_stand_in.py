"""A worker that behaves as it is told, in place of the one that reads writing: `python writing_stand_in.py WAY FD`."""

import json
import os
import socket
import sys
import time

from sensorium.processes.channel import Channel, Closed

ANSWERS: dict[str, object] = {
    "pid": {"lines": [[str(os.getpid()), 0.1, 0.2, 0.3, 0.4, 0.9]]},
    "control": {"lines": [["a\x1b[31mb", 0.1, 0.2, 0.3, 0.4, 0.9]]},
    "tags": {"lines": [["a\U000e0041", 0.1, 0.2, 0.3, 0.4, 0.9]]},
    "empty": {"lines": [["", 0.1, 0.2, 0.3, 0.4, 0.9]]},
    "outside": {"lines": [["a", 0.1, 0.2, 1.3, 0.4, 0.9]]},
    "inverted": {"lines": [["a", 0.3, 0.2, 0.1, 0.4, 0.9]]},
    "nan": {"lines": [["a", 0.1, 0.2, 0.3, 0.4, float("nan")]]},
    "words": {"lines": [["a", "0.1", 0.2, 0.3, 0.4, 0.9]]},
    "short": {"lines": [["a", 0.1, 0.2]]},
    "long": {"lines": [["a" * 3000, 0.1, 0.2, 0.3, 0.4, 0.9]]},
    "many": {"lines": [["a", 0.1, 0.2, 0.3, 0.4, 0.9]] * 10_001},
    "list": [1, 2],
    "extra": {"lines": [], "pickle": "gASVKAAAAAAA"},
    "memory": {"failed": "MemoryError"},
    "failed": {"failed": "LookupError"},
    "no_word": {"failed": "<b>"},
}


def answer(channel: Channel, way: str, pictures: int, *, white: bool) -> None:
    if way in ANSWERS:
        channel.send(json.dumps(ANSWERS[way]).encode())
    elif way == "crash" or (way == "crash_second" and pictures == 2) or (way == "crash_on_white" and white):
        os._exit(3)
    elif way in ("crash_second", "crash_on_white"):
        channel.send(json.dumps(ANSWERS["pid"]).encode())
    elif way == "hang":
        time.sleep(600)
    elif way == "half":
        channel.connection.send(b"\x00\x00\x10\x00abc")
        time.sleep(600)
    elif way == "huge":
        channel.send(b" " * (5 * 1024 * 1024))
    elif way == "twice":
        for _ in range(2):
            channel.send(json.dumps(ANSWERS["pid"]).encode())
    elif way == "garbage":
        channel.send(bytes(range(256)))


def main(way: str, descriptor: int) -> None:
    channel = Channel(socket.socket(fileno=descriptor))
    channel.receive(most_head=4096, most_body=0)
    if way == "dead":
        return
    broken = {"what": "the file", "remedy": "get it anew"}
    greetings = {"damaged": {"broken": "model-damaged", **broken}, "odd": {"broken": "odd", **broken}}
    channel.send(json.dumps(greetings.get(way, {"level": "NONE"})).encode())
    if way == "deaf":
        time.sleep(600)
    pictures = 0
    while True:
        try:
            _, body = channel.receive(most_head=4096, most_body=1 << 30)
        except Closed:
            return
        pictures += 1
        answer(channel, way, pictures, white=bool(body[0] == 255))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
