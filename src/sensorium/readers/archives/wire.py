"""How the files in an archive cross from the reading process to the parent: in frames of bounded size, each checked.

A frame names its member and holds some bytes of it, or the reason why the member is left out. Frames of one member
follow each other; one that says `last` ends it. `END` ends the archive, and a refusal in its place refuses all of it.
"""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING

from sensorium.core.contents import Member
from sensorium.core.errors import Refused
from sensorium.core.settings import Settings
from sensorium.processes.channel import Body
from sensorium.readers import wire
from sensorium.readers.wire import Malformed

if TYPE_CHECKING:
    from sensorium.readers.archives.opening import MemberPart  # it loads what takes archives apart

REQUEST = b'{"unpack": true}'
END = b'{"end": true}'

MOST_PART_BYTES = 1024 * 1024
MOST_NAME = 4_096
"""Longest name, in characters: as long as a path may be on Linux."""


def pack_part(part: MemberPart) -> tuple[bytes, bytes]:
    """Head and body of a frame."""
    refusal = part.refusal and json.loads(wire.pack_refusal(part.refusal))
    head = json.dumps({"member": part.name, "last": part.is_last, "left_out": refusal})
    return head.encode(), part.data


class Gathering:
    """What is there of an archive, frame after frame. The bytes of its members are written to `into`.

    Holds the child to the limits that it was told.
    """

    def __init__(self, into: IO[bytes], settings: Settings) -> None:
        self._into = into
        self._settings = settings
        self._written = 0
        self._met: set[str] = set()
        self._open: Member | None = None
        self.members: list[Member] = []

    def take(self, head: bytes, body: Body) -> bool:
        """Whether more is to come. Raises the `Refused` that was sent for all of it, or Malformed."""
        fields = wire.parse_object(head)
        if "refused" in fields:
            raise wire.unpack_refusal(fields)
        if fields == {"end": True}:
            wire.expect(self._open is None and not body.size, "an end within a member")
            return False
        wire.expect(set(fields) == {"member", "last", "left_out"} and type(fields["last"]) is bool, "a member's fields")
        member = self._member(fields["member"], is_left_out=fields["left_out"] is not None)
        if fields["left_out"] is not None:
            wire.expect(not fields["last"] and not body.size, "a member that is left out")
            self._end(Member(name=member.name, refusal=_refusal(fields["left_out"])))
            return True
        self._write(member, body)
        if fields["last"]:
            self._end(self._open or member)
        return True

    def _member(self, name: object, *, is_left_out: bool) -> Member:
        """The member that is open, or a new one."""
        if self._open is not None:
            wire.expect(name == self._open.name, "a member within another")
            return self._open
        wire.expect(isinstance(name, str) and len(name) <= MOST_NAME and _is_path(name), "name of a member")
        wire.expect(is_left_out or _stays_inside(str(name)), "name of a member")
        wire.expect(name not in self._met, "a second member of one name")
        wire.expect(len(self._met) < self._settings.archive_entries, "too many members")
        self._met.add(str(name))
        return Member(name=str(name), start=self._written)

    def _write(self, member: Member, body: Body) -> None:
        size = member.size + body.size
        self._written += body.size
        wire.expect(size <= self._settings.archive_entry_bytes, "a member that is too long")
        wire.expect(self._written <= self._settings.archive_bytes, "members that are too long")
        self._into.write(body.data)
        self._open = Member(name=member.name, start=member.start, size=size)

    def _end(self, member: Member) -> None:
        self.members.append(member)
        self._open = None


def _is_path(name: str) -> bool:
    """Whether a name is one that the system could give to a file, byte for byte (PEP 383)."""
    try:
        return "\0" not in name and bool(name.encode("utf-8", "surrogateescape") or True)
    except UnicodeEncodeError:
        return False


def _stays_inside(name: str) -> bool:
    """ "" is the name of the one file that was packed alone."""
    return name == "" or not {"", ".", ".."} & set(name.split("/"))


def _refusal(fields: object) -> Refused:
    if not isinstance(fields, dict):
        raise Malformed("refusal of a member")
    return wire.unpack_refusal(fields)
