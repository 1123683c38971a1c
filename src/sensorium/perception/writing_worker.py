"""The process that reads writing: raw pixels in, lines out, until its parent closes the channel.

It is started by `writing.WritingRecogniser`, imports what reads, shuts itself in, and only then loads the networks,
whose threads are shut in with it.
"""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

from sensorium.perception import writing_weights, writing_wire
from sensorium.perception.writing_options import WritingOptions
from sensorium.processes import sandbox
from sensorium.processes.channel import Channel, Closed
from sensorium.processes.failing import pack_failure
from sensorium.processes.greeting import apology, greeting
from sensorium.processes.limits import timed

if TYPE_CHECKING:
    from sensorium.perception.writing_engine import Engine

RUNTIME = "onnxruntime"
"""Imported when the process is shut in: it starts a thread as it is."""


def main(descriptor: int) -> None:
    """Serves the channel at `descriptor`; the first frame carries the options."""
    channel = Channel(socket.socket(fileno=descriptor))
    try:
        head, _ = channel.receive(most_head=writing_wire.MOST_HEAD_BYTES, most_body=0)
        options = WritingOptions(**json.loads(head))
        try:
            level, engine = load(options)
        except Exception as error:  # noqa: BLE001 - the edge of the process: a library may raise anything as it loads
            channel.send(apology(error))
            return
        channel.send(greeting(level))
        while serve(channel, engine, options):
            pass
    except Closed:  # the parent is gone, and so shall we be
        pass


def load(options: WritingOptions) -> tuple[sandbox.Level, Engine]:
    """What reads, and how far the process is shut in. Raises ExtraMissing or ModelDamaged."""
    weights = writing_weights.folder()
    writing_weights.check(weights)
    from sensorium.perception.writing_engine import Engine

    level = sandbox.close(options.memory, threads=True, readable=[weights], later=[RUNTIME])
    return level, Engine(weights, options)


def serve(channel: Channel, engine: Engine, options: WritingOptions) -> bool:
    """Answers one request; False when the process should go, because its memory ran out."""
    size, body = channel.receive(most_head=writing_wire.MOST_HEAD_BYTES, most_body=3 * writing_wire.MOST_PIXELS)
    try:
        with timed(wall=options.seconds):
            answer = writing_wire.pack_lines(engine.read(writing_wire.unpack_pixels(size, body)))
    except MemoryError:
        channel.send(pack_failure("MemoryError"))
        return False
    except Exception as error:  # noqa: BLE001 - the edge of the process: a network may raise anything
        answer = pack_failure(type(error).__name__)
    channel.send(answer)
    return True
