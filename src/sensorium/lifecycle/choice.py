"""Which encoder an open library asks by, and how it notices that the library is searched by another one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from sensorium.core.ports import Encoder
from sensorium.core.spaces import KnownSpace, Space

DEFAULT = "compact"
"""The encoder of a new library where nothing else is named."""

K = TypeVar("K")
V = TypeVar("V")


class Latest(Generic[K, V]):
    """What `make` makes of the latest key, made again when another one comes. Safe across threads.

    >>> made = Latest(lambda key: [key])
    >>> made.of("a") is made.of("a"), made.of("b")
    (True, ['b'])
    """

    def __init__(self, make: Callable[[K], V]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._held: tuple[K, V] | None = None

    def of(self, key: K) -> V:
        """The value of this key."""
        with self._lock:
            if self._held is None or self._held[0] is not key:
                self._held = (key, self._make(key))
            return self._held[1]


class EncoderChoice:
    """The encoder that was given, else the one that is named, else the one that made the library's active space.

    The last kind follows the library: it is asked for the active space each time, which costs one small read, and loads
    another encoder when that changed. active: the space that searches are by. load: an encoder by its setting. left:
    told the space that is not asked by any more. Safe across threads.
    """

    def __init__(
        self,
        active: Callable[[], KnownSpace | None],
        load: Callable[[str], Encoder],
        *,
        given: Encoder | None = None,
        named: str = "",
        left: Callable[[Space], None] = lambda space: None,
    ) -> None:
        self._active, self._load, self._left = active, load, left
        self._given, self._named = given, named
        self._lock = threading.Lock()
        self._held: tuple[str, Encoder] | None = None

    @property
    def setting(self) -> str:
        """What makes the present encoder, "" where a program handed it over."""
        if self._given is not None:
            return ""
        return lasting(self._named or _setting_of(self._active()))

    def now(self, *, wait: bool = False) -> Encoder:
        """The encoder to ask by. While another thread loads a new one, the one before serves on, but for who waits."""
        if self._given is not None:
            return self._given
        active = None if self._named else self._active()
        wanted = self._named or (active.space.id if active else "")
        held = self._held
        if held is not None and _serves(held, wanted, active):
            return held[1]
        if not self._lock.acquire(blocking=wait or held is None):
            assert held is not None
            return held[1]
        try:
            held = self._held
            if held is not None and _serves(held, wanted, active):
                return held[1]
            self._held = (wanted, self._load(self._named or _setting_of(active)))
            if held is not None:
                self._left(held[1].space)
            return self._held[1]
        finally:
            self._lock.release()

    def take(self, encoder: Encoder, setting: str) -> None:
        """Asks by this encoder from now on. setting: what makes it: where there is one, the library is followed."""
        with self._lock:
            self._given, self._named = (None, "") if setting else (encoder, "")
            self._held = (encoder.space.id, encoder)


def lasting(setting: str) -> str:
    """The setting as another process in another folder understands it: with the whole path of a model's folder.

    >>> lasting("compact"), lasting("onnx:/no such folder/model")
    ('compact', 'onnx:/no such folder/model')
    """
    plugin, colon, model = setting.partition(":")
    return f"{plugin}:{Path(model).resolve()}" if colon and model and Path(model).exists() else setting


def _setting_of(active: KnownSpace | None) -> str:
    return (active.encoder if active is not None else "") or DEFAULT


def _serves(held: tuple[str, Encoder], wanted: str, active: KnownSpace | None) -> bool:
    """Whether what is held is what is wanted. One that a new library was begun with made its first space."""
    return held[0] == wanted or (active is not None and held[1].space == active.space)


class Surrounded:
    """A choice with something around each encoder that it makes, as a server puts to encode questions together."""

    def __init__(self, inner: EncoderChoice | Surrounded, around: Callable[[Encoder], Encoder]) -> None:
        self._inner = inner
        self._made: Latest[Encoder, Encoder] = Latest(around)

    @property
    def setting(self) -> str:
        """As of `EncoderChoice`."""
        return self._inner.setting

    def now(self, *, wait: bool = False) -> Encoder:
        """As of `EncoderChoice`."""
        return self._made.of(self._inner.now(wait=wait))

    def take(self, encoder: Encoder, setting: str) -> None:
        """As of `EncoderChoice`."""
        self._inner.take(encoder, setting)
