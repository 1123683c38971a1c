"""What `add` is given: the ports it works through and the choices of the caller."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sensorium.core.errors import ExtraMissing
from sensorium.core.ports import Encoder, GuardedReader, Perceiver, ProgressListener, Unpacker
from sensorium.core.receipts import ReceiptLine
from sensorium.core.settings import Settings
from sensorium.core.spaces import Space
from sensorium.core.store_ports import ItemStore, PartStore, SourceStore


class Silence:
    """A ProgressListener that listens to nothing."""

    def discovered(self, files: int) -> None:
        """Nobody asked."""

    def advanced(self, source: str, reached: float, length: float | None) -> None:
        """Nobody asked."""

    def settled(self, line: ReceiptLine) -> None:
        """Nobody asked."""


def no_records(descriptor: int, settings: Settings) -> str:
    """Nothing here reads Parquet."""
    raise ExtraMissing("nothing here reads Parquet", remedy="save the table as CSV or JSON lines")


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestPorts:
    """What ingest works through.

    recognise: the first bytes of a file -> its media type; raises a `Refused`. encoders: one for each space that is
    filled; their spaces are registered in the store. perceivers: what finds speech and writing in what was read.
    unpacker: what takes archives apart; None opens none. records: what makes lines of JSON of an open Parquet file.
    `sources.known` and `parts.parts` are called from the reading thread too, `reader` and `unpacker` from there alone,
    everything else from the thread that called `add`.
    """

    items: ItemStore
    sources: SourceStore
    reader: GuardedReader
    recognise: Callable[[bytes], str]
    encoders: tuple[Encoder, ...]
    parts: PartStore
    perceivers: tuple[Perceiver, ...] = ()
    unpacker: Unpacker | None = None
    records: Callable[[int, Settings], str] = no_records

    @property
    def spaces(self) -> tuple[Space, ...]:
        """All that may hold a vector of what is added."""
        brought = (space for perceiver in self.perceivers for space in perceiver.spaces)
        return (*(encoder.space for encoder in self.encoders), *brought)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOptions:
    """How to go about it.

    prune: forget the sources that vanished. archives: open them as folders. scratch: the folder of the disk that they
    are unpacked to, None for the system's; nothing in it has a name. stop: set it from any thread or signal handler,
    and the work ends after the batch at hand. clock: Unix seconds.
    """

    settings: Settings = field(default_factory=Settings)
    prune: bool = False
    archives: bool = False
    scratch: Path | None = None
    progress: ProgressListener = field(default_factory=Silence)
    stop: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.time
