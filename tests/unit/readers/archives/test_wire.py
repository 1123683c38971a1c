from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest

from sensorium.core.contents import Member
from sensorium.core.errors import DamagedFile, TooLarge
from sensorium.core.settings import Settings
from sensorium.readers import wire
from sensorium.readers.archives.opening import MemberPart
from sensorium.readers.archives.wire import END, Gathering, pack_part
from sensorium.readers.wire import Malformed


def gathered(*frames: tuple[bytes, bytes], **limits: int) -> tuple[list[Member], bytes]:
    """What comes of frames, the last of which ends the archive."""
    into = io.BytesIO()
    gathering = Gathering(into, Settings(**limits))
    more = [gathering.take(head, np.frombuffer(body, np.uint8)) for head, body in frames]
    assert more == [True] * (len(frames) - 1) + [False]
    return gathering.members, into.getvalue()


def frame(name: Any = "a", data: bytes = b"", *, last: Any = False, left_out: Any = None) -> tuple[bytes, bytes]:
    return json.dumps({"member": name, "last": last, "left_out": left_out}).encode(), data


def test_members_come_back_as_they_were_sent() -> None:
    refusal = TooLarge("too long", remedy="split it")
    sent = [
        MemberPart(name="a", data=b"one"),
        MemberPart(name="a", data=b"two"),
        MemberPart(name="a", is_last=True),
        MemberPart(name="caf\udce9", is_last=True),
        MemberPart(name="broken", data=b"not"),
        MemberPart(name="broken", refusal=refusal),
        MemberPart(name="../x", refusal=refusal),
        MemberPart(name="b", data=b"three", is_last=True),
    ]
    members, held = gathered(*map(pack_part, sent), (END, b""))
    assert [(member.name, held[member.start : member.start + member.size]) for member in members] == [
        ("a", b"onetwo"),
        ("caf\udce9", b""),
        ("broken", b""),
        ("../x", b""),
        ("b", b"three"),
    ]
    assert [str(member.refusal) for member in members if member.refusal] == ["too long; split it"] * 2


def test_a_refusal_refuses_all_of_it() -> None:
    with pytest.raises(DamagedFile, match="cut off"):
        gathered(frame(data=b"one"), (wire.pack_refusal(DamagedFile("cut off", remedy="x")), b""))


@pytest.mark.parametrize(
    "name", ["/a", "../a", "a/../b", "a//b", "./a", "a\0b", "a\ud800", "a" * 4_097, None, 1, ["a"]]
)
def test_names_that_no_sound_reader_sends_are_not_taken(name: object) -> None:
    with pytest.raises(Malformed, match="name"):
        gathered(frame(name, last=True))


@pytest.mark.parametrize("name", ["a\0b", "a\ud800", "a" * 4_097, None])
def test_names_of_what_is_left_out_are_checked_too(name: object) -> None:
    with pytest.raises(Malformed, match="name"):
        gathered(frame(name, left_out={"refused": "damaged", "what": "x", "remedy": ""}))


BROKEN = {
    "no json": [(b"{", b"")],
    "no object": [(b"[]", b"")],
    "other fields": [(b'{"member": "a"}', b"")],
    "last is no truth value": [frame(last=1)],
    "a member twice": [frame(last=True), frame(last=True)],
    "a member within another": [frame(), frame("b")],
    "an end within a member": [frame(), (END, b"")],
    "an end with bytes": [(END, b"x")],
    "left out with bytes": [frame(data=b"x", left_out={"refused": "damaged", "what": "x", "remedy": ""})],
    "left out for no reason": [frame(left_out="because")],
    "left out with a code of its own": [frame(left_out={"refused": "x", "what": "x", "remedy": ""})],
    "left out and last": [frame(last=True, left_out={"refused": "damaged", "what": "x", "remedy": ""})],
}


@pytest.mark.parametrize("frames", BROKEN.values(), ids=BROKEN)
def test_frames_that_break_the_protocol_are_not_taken(frames: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(Malformed):
        gathered(*frames)


@pytest.mark.parametrize(
    ("frames", "limits"),
    [
        ([frame(str(number), last=True) for number in range(3)], {"archive_entries": 2}),
        ([frame(data=b"xxx"), frame(data=b"xxx")], {"archive_entry_bytes": 5}),
        ([frame(str(number), b"xxx", last=True) for number in range(2)], {"archive_bytes": 5}),
    ],
    ids=["entries", "one", "sum"],
)
def test_more_than_the_child_was_allowed_is_not_taken(
    frames: list[tuple[bytes, bytes]], limits: dict[str, int]
) -> None:
    with pytest.raises(Malformed, match="too"):
        gathered(*frames, **limits)
