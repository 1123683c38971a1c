"""The parent's side of reading: one warm child process that is watched, checked and replaced.

The parent waits no longer than the wall limit, believes no answer it has not checked (`wire`), and survives whatever
a file does to the child: the file is refused, and the next one gets a child that works.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TypeVar

from sensorium.core.contents import Document, Member, ReadRequest
from sensorium.core.errors import (
    ClosedArchive,
    PluginBroken,
    ReaderCrashed,
    Refused,
    TookTooLong,
    TooLarge,
    UnknownType,
)
from sensorium.core.settings import Settings
from sensorium.processes.channel import Channel, Oversized
from sensorium.processes.child import OUT_OF_TIME, cause_of_death, running
from sensorium.processes.sandbox import Level, insist
from sensorium.processes.warm import Died, WarmProcess, Work
from sensorium.readers import wire
from sensorium.readers.archives import wire as member_wire
from sensorium.readers.recognise import ARCHIVES, OPEN_ARCHIVE, describe

WORKER = "sensorium.readers.worker"

MORE_TIME = "make it shorter or smaller, or raise SENSORIUM_WORKER_CPU_SECONDS and SENSORIUM_WORKER_WALL_SECONDS"
REPORT = "open it in another program and save it anew; if it is sound, report it"

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What a reading process says of itself: how far it is shut in, and what it has readers for."""

    level: Level
    media_types: frozenset[str]


class SandboxedReader:
    """`core.ports.GuardedReader` and `Unpacker` over one child process, which starts with the first file.

    Any thread may call it; files are read one at a time. Waiting releases the interpreter lock.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        work = Work(
            name="reading process",
            command=running(WORKER),
            first=json.dumps(dataclasses.asdict(settings)).encode(),
            greet=lambda head: _greet(head, settings),
            most=settings.worker_files,
        )
        self._process = WarmProcess(work)

    def start(self) -> None:
        """Starts the child without waiting for it, so that it gets ready while the caller does something else."""
        self._process.start()

    @property
    def level(self) -> Level:
        """How far the child is shut in on this system. Raises as `read` does when no child can be had."""
        return self._process.greeting().level

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        """Reads the open file from its start, without moving the descriptor's own position.

        Raises a `Refused`; PluginBroken when no child can be started; BadSetting when `strict` can not be met.
        """

        def exchange(channel: Channel, ready: Ready) -> Document:
            if media_type not in ready.media_types:
                raise _without_reader(media_type)
            channel.send(wire.pack_request(media_type, request), descriptor=descriptor)
            most_body = self._settings.worker_answer_bytes
            head, body = channel.receive(most_head=wire.MOST_HEAD_BYTES, most_body=most_body)
            return wire.unpack_answer(head, body, request)

        return self._ask(exchange)

    def unpack(self, descriptor: int, into: IO[bytes]) -> tuple[Member, ...]:
        """Takes the open archive apart; the bytes of its members are written to `into` as they come.

        Raises as `read` does, and OSError where `into` can not be written.
        """

        def exchange(channel: Channel, ready: Ready) -> tuple[Member, ...]:
            into.seek(0)
            into.truncate()
            gathering = member_wire.Gathering(into, self._settings)
            channel.send(member_wire.REQUEST, descriptor=descriptor)
            limits = {"most_head": wire.MOST_LINE_BYTES, "most_body": member_wire.MOST_PART_BYTES}
            while gathering.take(*channel.receive(**limits)):
                pass
            return tuple(gathering.members)

        return self._ask(exchange)

    def close(self) -> None:
        """Ends the child, even while another thread reads; whoever reads from now on gets SensoriumError."""
        self._process.close()

    def _ask(self, exchange: Callable[[Channel, Ready], Answer]) -> Answer:
        """What a child answers. Whatever but an answer or a refusal of the child comes: the file is refused."""
        try:
            return self._process.ask(exchange, self._settings.worker_wall_seconds)
        except TimeoutError:
            raise TookTooLong("the limit of time on the clock was reached", remedy=MORE_TIME) from None
        except Oversized:
            remedy = "split it, or raise SENSORIUM_WORKER_ANSWER_BYTES"
            raise TooLarge("more comes out of it than is taken at once", remedy=remedy) from None
        except wire.Malformed as error:
            raise ReaderCrashed(f"the reading process answered nonsense ({error})", remedy=REPORT) from None
        except Died as death:
            raise _refusal_of_death(death.status) from None


def _greet(head: bytes, settings: Settings) -> Ready:
    """The greeting of a child. Raises PluginBroken or BadSetting."""
    greeting = json.loads(head)
    if "broken" in greeting:
        raise PluginBroken(greeting["broken"], subject=greeting["subject"], remedy=greeting["remedy"])
    ready = Ready(level=Level[greeting["level"]], media_types=frozenset(greeting["media_types"]))
    if settings.sandbox == "strict":
        insist(ready.level, "reading process")
    return ready


def _without_reader(media_type: str) -> Refused:
    if media_type in ARCHIVES:
        return ClosedArchive(describe(media_type), remedy=OPEN_ARCHIVE)
    return UnknownType(f"{describe(media_type)}: no reader for it yet", remedy="add it in another format")


def _refusal_of_death(status: int) -> Refused:
    """What a child's exit status says of the file it read last."""
    if status in OUT_OF_TIME:
        return TookTooLong("the limit of CPU time was reached", remedy=MORE_TIME)
    return ReaderCrashed(f"the reading process died on it ({cause_of_death(status)})", remedy=REPORT)
