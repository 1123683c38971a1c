"""Questions of several callers are encoded together, and the vectors of the last ones are remembered.

One encoding runs at a time, since a model takes every core. Whatever arrives meanwhile waits and goes together in the
next one: nobody waits for company, and under load one forward pass serves many.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sensorium.core.contents import Content, Role
from sensorium.core.details import Details
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.spaces import Vectors
from sensorium.encoders.forwarding import Forwarding

MOST = 32
"""Texts in one forward pass. Longer ones make each of them wait for the longest text."""

REMEMBERED = 1_024
"""Texts whose vectors a server keeps in memory: with 20 words' details each some 40 MB."""

FEW = 16
"""Those that a library keeps: one search, its looks and its explanations ask for the same."""


@dataclass(slots=True)
class _Ticket:
    """One text on its way. made: its vector and details once they are there. failed: why they will not be."""

    text: str
    made: tuple[np.ndarray, Any] | None = None
    failed: BaseException | None = field(default=None)


class Together(Forwarding):
    """An encoder whose questions in words are encoded once, and those of several callers in one pass.

    told: how many texts were encoded together. looked_up: whether a text was remembered. remembered: how many are;
    in memory alone, and no longer than this lives.
    """

    def __init__(
        self,
        encoder: Encoder,
        told: Callable[[int], None] = lambda count: None,
        looked_up: Callable[[bool], None] = lambda found: None,
        remembered: int = REMEMBERED,
    ) -> None:
        super().__init__(encoder)
        self._told = told
        self._looked_up = looked_up
        self._remembered = remembered
        self._known: OrderedDict[str, tuple[np.ndarray, Any]] = OrderedDict()
        self._knowing = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[_Ticket] = []

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        """What the encoder gives; a question that is a text may come out of memory, or of a pass with others."""
        if role == "query" and modality is Modality.TEXT and len(contents) == 1 and isinstance(contents[0], str):
            return self._question(contents[0])[0][np.newaxis]
        return super().encode(modality, contents, role)

    def encode_detailed(
        self, modality: Modality, contents: Sequence[Content], role: Role
    ) -> tuple[Vectors, Details | None]:
        """As `encode`, with details where the encoder has them."""
        if role == "query" and modality is Modality.TEXT and len(contents) == 1 and isinstance(contents[0], str):
            vector, details = self._question(contents[0])
            return vector[np.newaxis], None if details is None else (details,)
        return super().encode_detailed(modality, contents, role)

    def _question(self, text: str) -> tuple[np.ndarray, Any]:
        with self._knowing:
            found = self._known.get(text)
            if found is not None:
                self._known.move_to_end(text)
        self._looked_up(found is not None)
        if found is None:
            found = self._made(text)
            with self._knowing:
                self._known[text] = found
                while len(self._known) > self._remembered:
                    self._known.popitem(last=False)
        return found

    def _made(self, text: str) -> tuple[np.ndarray, Any]:
        ticket = _Ticket(text)
        with self._knowing:
            self._waiting.append(ticket)
        while ticket.made is None and ticket.failed is None:
            with self._turn:
                if ticket.made is None and ticket.failed is None:
                    self._pass()
        if ticket.failed is not None:
            raise ticket.failed
        assert ticket.made is not None
        return ticket.made

    def _pass(self) -> None:
        """Encodes what waits now. A text that can not be encoded fails those beside it too: one by one, then."""
        with self._knowing:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            self._fill(batch)
        except Exception:  # noqa: BLE001 - whose fault it was is found out below, and raised in that thread
            for ticket in batch:
                try:
                    self._fill([ticket])
                except Exception as error:  # noqa: BLE001 - raised again where the text came from
                    ticket.failed = error
        finally:
            unsettled = [ticket for ticket in batch if ticket.made is None and ticket.failed is None]
            if unsettled:  # this thread is being stopped: what others wait for is left to them
                with self._knowing:
                    self._waiting[:0] = unsettled

    def _fill(self, batch: Sequence[_Ticket]) -> None:
        vectors, details = super().encode_detailed(Modality.TEXT, [ticket.text for ticket in batch], "query")
        self._told(len(batch))
        vectors.setflags(write=False)  # all who ask the same get the same
        for row, ticket in enumerate(batch):
            ticket.made = (vectors[row], None if details is None else details[row])


def remembering(encoder: Encoder) -> Together:
    """The encoder with a memory of the last questions; itself where it has one.

    >>> from sensorium.testing.encoders import HashEncoder
    >>> once = remembering(HashEncoder())
    >>> remembering(once) is once
    True
    """
    return encoder if isinstance(encoder, Together) else Together(encoder, remembered=FEW)
