"""The process that hears speech: samples in, sentences out, until its parent closes the channel.

It is started by `speech.SpeechRecogniser`, imports what hears, shuts itself in, and only then loads the model, whose
threads are shut in with it.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sensorium.core.items import Producer
from sensorium.perception import speech_wire
from sensorium.perception.speech_models import WEIGHTS, Located, extra_missing
from sensorium.perception.speech_options import Doubts, Patience, WhisperOptions
from sensorium.perception.voice_activity import RATE
from sensorium.processes import sandbox
from sensorium.processes.channel import Channel, Closed
from sensorium.processes.failing import pack_failure
from sensorium.processes.greeting import apology, greeting
from sensorium.processes.limits import timed

if TYPE_CHECKING:
    from sensorium.perception.speech_engine import WhisperRecogniser

RUNTIME = "onnxruntime"
"""Imported when the process is shut in: it starts a thread as it is."""


def main(descriptor: int) -> None:
    """Serves the channel at `descriptor`; the first frame carries model, options and limits."""
    channel = Channel(socket.socket(fileno=descriptor))
    try:
        head, _ = channel.receive(most_head=speech_wire.MOST_HEAD_BYTES, most_body=0)
        first = json.loads(head)
        patience = Patience(**first["patience"])
        try:
            level, recogniser = load(first, patience)
        except Exception as error:  # noqa: BLE001 - the edge of the process: a library may raise anything as it loads
            channel.send(apology(error))
            return
        channel.send(greeting(level))
        while serve(channel, recogniser, patience):
            pass
    except Closed:  # the parent is gone, and so shall we be
        pass


def load(first: Mapping[str, Any], patience: Patience) -> tuple[sandbox.Level, WhisperRecogniser]:
    """What hears, and how far the process is shut in. Raises ExtraMissing or ModelDamaged."""
    try:
        import faster_whisper  # noqa: F401 - it imports all the rest but one, which can not be found later
    except ImportError as error:
        raise extra_missing() from error
    from sensorium.perception.speech_engine import WhisperRecogniser

    folder = Path(first["folder"])
    options = WhisperOptions(**{**first["options"], "doubts": Doubts(**first["options"]["doubts"])})
    # A copy of the hub is a folder of links to where its files lie.
    places = {folder, *(path.resolve().parent for path in folder.iterdir())}
    level = sandbox.close(patience.memory_with(folder / WEIGHTS), threads=True, readable=places, later=[RUNTIME])
    model = Located(folder=folder, producer=Producer(name="", version=""))  # the parent knows it
    return level, WhisperRecogniser.load(model, options)


def serve(channel: Channel, recogniser: WhisperRecogniser, patience: Patience) -> bool:
    """Answers one request; False when the process should go, because its memory ran out."""
    head, body = channel.receive(most_head=speech_wire.MOST_HEAD_BYTES, most_body=2 * speech_wire.MOST_SAMPLES)
    samples, start = speech_wire.unpack_samples(head, body)
    try:
        with timed(wall=patience.allows(len(samples) / RATE)):
            answer = speech_wire.pack_utterances(recogniser.listen(samples, start))
    except MemoryError:
        channel.send(pack_failure("MemoryError"))
        return False
    except Exception as error:  # noqa: BLE001 - the edge of the process: a network may raise anything
        answer = pack_failure(type(error).__name__)
    channel.send(answer)
    return True
