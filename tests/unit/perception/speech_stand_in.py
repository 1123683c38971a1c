"""A worker that behaves as it is told, in place of the one that hears speech: `python speech_stand_in.py WAY FD`."""

import json
import os
import socket
import sys
import time

from sensorium.processes.channel import Channel, Closed

WORD = [" yes", 60.0, 60.5, 0.9]


def said(**changes: object) -> dict[str, object]:
    row = {"text": "Yes.", "start": 60.0, "end": 60.5, "language": "en", "confidence": 0.9, "words": [WORD]} | changes
    return {"said": [list(row.values())]}


ANSWERS: dict[str, object] = {
    "good": said(),
    "persian": said(text="می\u200cروم"),
    "nothing": {"said": []},
    "control": said(text="a\x1b[31mb"),
    "tags": said(text="a\U000e0041"),
    "long": said(text="a" * 30_000),
    "early": said(start=1.0),
    "late": said(end=99.0),
    "inverted": said(start=60.6),
    "nan": said(end=float("nan")),
    "true": said(start=True),
    "language": said(language="<b>"),
    "sure": said(confidence=1.5),
    "word": said(words=[[" yes", 60.0, 60.5]]),
    "word_late": said(words=[[" yes", 60.0, 99.0, 0.9]]),
    "many_words": said(words=[WORD] * 3_000),
    "short": {"said": [["Yes."]]},
    "list": [1, 2],
    "extra": {"said": [], "pickle": "gASVKAAAAAAA"},
    "memory": {"failed": "MemoryError"},
    "failed": {"failed": "LookupError"},
    "no_word": {"failed": "<b>"},
}


def answer(channel: Channel, way: str) -> None:
    if way in ANSWERS:
        channel.send(json.dumps(ANSWERS[way]).encode())
    elif way == "garbage":
        channel.send(bytes(range(256)))
    elif way == "crash":
        os._exit(3)
    elif way == "hang":
        time.sleep(600)


def main(way: str, descriptor: int) -> None:
    channel = Channel(socket.socket(fileno=descriptor))
    channel.receive(most_head=1 << 14, most_body=0)
    broken = {"what": "the file", "remedy": "get it anew"}
    greetings = {"damaged": {"broken": "model-damaged", **broken}, "odd": {"broken": "odd", **broken}}
    channel.send(json.dumps(greetings.get(way, {"level": "NONE"})).encode())
    while True:
        try:
            channel.receive(most_head=1 << 14, most_body=1 << 30)
        except Closed:
            return
        answer(channel, way)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
