"""Every failure as a type: what happened, to which item, what to do.

`code` is stable and may be matched by programs; the words may change. A server sends `code` and `public`, never
`str(error)`, because the subject may be an absolute path.
"""

from __future__ import annotations

from typing import ClassVar


class SensoriumError(Exception):
    """The root of all errors that Sensorium raises on purpose.

    what: one sentence. subject: the file, item or setting it is about. remedy: one sentence that says what to do.

    >>> str(LibraryNotFound("no library here", subject="my.library", remedy="run `sensorium add PATH` first"))
    'my.library: no library here; run `sensorium add PATH` first'
    """

    code: ClassVar[str] = "error"

    def __init__(self, what: str, *, subject: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.subject = subject
        self.remedy = remedy

    @property
    def public(self) -> str:
        """The message without its subject: safe to send to somebody else."""
        return f"{self.what}; {self.remedy}" if self.remedy else self.what

    def __str__(self) -> str:
        return f"{self.subject}: {self.public}" if self.subject else self.public


class LibraryNotFound(SensoriumError):
    """There is no library at the place named."""

    code = "library-not-found"


class LibraryTooNew(SensoriumError):
    """The library was written by a later version of Sensorium."""

    code = "library-too-new"


class LibraryBusy(SensoriumError):
    """Another process holds the writer's lock."""

    code = "library-busy"


class StoreDamaged(SensoriumError):
    """The store itself is not readable: the one thing that can not be rebuilt."""

    code = "store-damaged"


class WriteFailed(SensoriumError):
    """The disk is full, read-only or failing. What was there before the call is still there."""

    code = "write-failed"


class IndexDamaged(SensoriumError):
    """An index file does not match what the store says of it. It is rebuilt, not repaired."""

    code = "index-damaged"


class SpaceMismatch(SensoriumError):
    """The library was filled by another encoder, or another version of it, than the one that is asked to use it."""

    code = "space-mismatch"


class ItemNotFound(SensoriumError):
    """No such item, or none that the caller may see: the two are the same answer."""

    code = "item-not-found"


class BadQuery(SensoriumError):
    """The question can not be asked as it stands."""

    code = "bad-query"


class BadSetting(SensoriumError):
    """A setting is unknown or out of its range."""

    code = "bad-setting"


class BadRules(SensoriumError):
    """The file of the owner's rules can not be read, or a rule in it says what no rule can say."""

    code = "bad-rules"


class BadInput(SensoriumError):
    """An argument or a file given by the user is not what the call needs."""

    code = "bad-input"


class AnswerFailed(SensoriumError):
    """The server that was to write the answer did not, or not to its end."""

    code = "answer-failed"


class FetchFailed(SensoriumError):
    """A model did not come from the hub, or not to its end. What came is kept, and nothing is half installed."""

    code = "fetch-failed"


class ModelDamaged(SensoriumError):
    """A model file is missing or is not the one that the manifest names."""

    code = "model-damaged"


class GoldenMismatch(SensoriumError):
    """The encoder gives other vectors than its reference for the same input: nothing it makes can be trusted."""

    code = "golden-mismatch"


class ExtraMissing(SensoriumError):
    """Something was asked for that an optional part of the package does, and it is not installed."""

    code = "extra-missing"


class PluginBroken(SensoriumError):
    """An entry point could not be loaded or does not fit its port."""

    code = "plugin-broken"


class Refused(SensoriumError):
    """A file that is not added. Each reason is a subclass, so that a refusal always has its own code."""

    code = "refused"


class Unreadable(Refused):
    """The operating system did not let us read it."""

    code = "unreadable"


class NotAFile(Refused):
    """A symbolic link, device, socket or pipe where a regular file is expected."""

    code = "not-a-file"


class Excluded(Refused):
    """Left out by rule inside a walk: hidden, kept by the operating system, or part of a library."""

    code = "excluded"


class EmptyFile(Refused):
    """It holds no bytes, or nothing but white space."""

    code = "empty"


class UnknownType(Refused):
    """No reader knows this kind of content."""

    code = "unknown-type"


class ClosedArchive(Refused):
    """An archive, whose files are added on request only."""

    code = "archive"


class WrongEncoding(Refused):
    """A text that is not in an encoding we accept."""

    code = "wrong-encoding"


class DamagedFile(Refused):
    """The bytes do not form what they claim to be."""

    code = "damaged"


class TooLarge(Refused):
    """A limit of size, pixels, length or memory was reached."""

    code = "too-large"


class TookTooLong(Refused):
    """The limit of time was reached."""

    code = "took-too-long"


class ReaderCrashed(Refused):
    """The child process died on this file."""

    code = "reader-crashed"


class ChangedWhileRead(Refused):
    """The file grew, shrank or was rewritten while it was being read."""

    code = "changed-while-read"


REFUSALS: dict[str, type[Refused]] = {
    kind.code: kind
    for kind in (
        Refused,
        Unreadable,
        NotAFile,
        Excluded,
        EmptyFile,
        UnknownType,
        ClosedArchive,
        WrongEncoding,
        DamagedFile,
        TooLarge,
        TookTooLong,
        ReaderCrashed,
        ChangedWhileRead,
    )
}
"""Refusals by code: how one crosses the border of the child process as plain data."""
