from __future__ import annotations

import io
import random
import struct
import zipfile

import pytest

from sensorium.core.errors import DamagedFile, TooLarge, UnknownType
from sensorium.core.settings import MIB, Settings
from sensorium.readers.archives.zipped import Zipped, plain_name
from sensorium.testing.documents import zipped


def opened(data: bytes, **limits: int) -> Zipped:
    return Zipped(io.BytesIO(data), Settings(**limits))


def noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("size", [0, 1, 65_536, 300_001])
def test_a_member_is_read_as_it_was_packed(method: int, size: int) -> None:
    content = noise(size // 2) + bytes(size - size // 2)
    assert opened(zipped({"a": "x", "b": content}, method)).read("b") == content


def test_names_are_those_of_files_in_order() -> None:
    container = opened(zipped({"b/": "", "b/2": "x", "a": "y"}))
    assert container.names == ("b/2", "a")
    assert "a" in container
    assert "b/" not in container


def test_members_may_be_streamed_side_by_side() -> None:
    container = opened(zipped({"a": noise(200_000), "b": noise(200_000)}))
    pairs = list(zip(container.stream("a"), container.stream("b"), strict=True))
    assert b"".join(a for a, _ in pairs) == b"".join(b for _, b in pairs) == noise(200_000)


def test_a_container_behind_other_bytes_is_read() -> None:
    assert opened(b"#!/bin/sh\n" + zipped({"a": "one"})).read("a") == b"one"


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/etc/passwd", "\\\\server\\a", "C:\\a", "c:a", "a\\..\\b"])
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(DamagedFile, match="leads out"):
        opened(zipped({name: "x"}))


def test_backslashes_part_names_too() -> None:
    assert plain_name("word\\document.xml") == "word/document.xml"


def test_two_entries_of_one_name_are_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("a", "one")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("a", "two")
    with pytest.raises(DamagedFile, match="one name"):
        opened(data.getvalue())


def test_a_link_is_refused() -> None:
    data = io.BytesIO()
    link = zipfile.ZipInfo("a")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(data, "w") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(DamagedFile, match="link"):
        opened(data.getvalue())


def test_an_encrypted_entry_is_refused_with_a_remedy() -> None:
    data = bytearray(zipped({"a": "x"}))
    for magic, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(magic) + offset] |= 1
    with pytest.raises(UnknownType, match="encrypted; save it without a password"):
        opened(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_ways_of_packing_are_refused(method: int) -> None:
    with pytest.raises(UnknownType, match="unusual"):
        opened(zipped({"a": "x"}, method))


def test_too_many_entries_are_refused() -> None:
    data = zipped({str(number): "" for number in range(11)})
    assert opened(data, archive_entries=11)
    with pytest.raises(TooLarge, match="10 entries"):
        opened(data, archive_entries=10)


def test_a_member_above_its_limit_is_refused() -> None:
    data = zipped({"a": noise(1_001)})
    assert opened(data, archive_entry_bytes=1_001).read("a")
    with pytest.raises(TooLarge, match="1000 bytes"):
        opened(data, archive_entry_bytes=1_000).read("a")


def test_all_members_together_have_a_limit() -> None:
    container = opened(zipped({"a": noise(600), "b": noise(600)}), archive_bytes=1_000)
    container.read("a")
    with pytest.raises(TooLarge, match="1000 bytes"):
        container.read("b")


def test_reading_stops_at_the_limit_of_the_caller() -> None:
    with pytest.raises(TooLarge, match="10 bytes"):
        opened(zipped({"a": noise(11)})).read("a", most=10)


def test_a_ratio_is_asked_of_every_stretch() -> None:
    data = zipped({"a": noise(2 * MIB) + bytes(4 * MIB)})
    with pytest.raises(TooLarge, match="more than 200"):
        opened(data).read("a")
    assert len(opened(data, archive_ratio=2_000).read("a")) == 6 * MIB


@pytest.mark.parametrize("size", [1, 100, 2**31])
def test_a_size_that_a_header_claims_is_not_believed(size: int) -> None:
    data = bytearray(zipped({"a": noise(1_000)}))
    for magic, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = data.index(magic) + offset
        data[at : at + 4] = struct.pack("<I", size)
    assert opened(bytes(data)).read("a") == noise(1_000)


def test_content_that_was_changed_is_damaged() -> None:
    data = bytearray(zipped({"a": noise(1_000)}, zipfile.ZIP_STORED))
    data[500] ^= 1
    with pytest.raises(DamagedFile, match="not what was packed"):
        opened(bytes(data)).read("a")


def test_entries_that_share_their_bytes_are_refused() -> None:
    data = bytearray(zipped({"a": noise(1_000), "b": noise(1_000)}))
    second = data.rindex(b"PK\1\2")
    data[second + 42 : second + 46] = bytes(4)
    with pytest.raises(DamagedFile, match="overlap"):
        opened(bytes(data))


def test_a_local_name_that_differs_is_damaged() -> None:
    data = zipped({"a.xml": "x"})
    at = data.index(b"a.xml")
    with pytest.raises(DamagedFile):
        opened(data[:at] + b"b.xml" + data[at + 5 :]).read("a.xml")


@pytest.mark.parametrize("keep", [0, 10, 0.3, 0.9])
def test_part_of_a_container_is_damaged(keep: float) -> None:
    data = zipped({"a": noise(1_000)})
    with pytest.raises(DamagedFile):
        opened(data[: int(keep if keep >= 1 else keep * len(data))])


def test_a_container_of_nothing_has_no_names() -> None:
    assert opened(zipped({})).names == ()


def test_an_entry_without_a_name_harms_nobody() -> None:
    data = zipped({"a": "one", "b": "two"})
    local, central = data.index(b"PK\3\4"), data.index(b"PK\1\2")
    nameless = bytearray(data)
    nameless[local + 26 : local + 28] = nameless[central + 28 : central + 30] = b"\0\0"
    nameless[local + 28 : local + 30] = nameless[central + 30 : central + 32] = b"\1\0"  # "a" is its extra field now
    assert opened(bytes(nameless)).names == ("", "b")


def test_as_a_folder_what_can_not_be_opened_is_left_out() -> None:
    container = Zipped(io.BytesIO(zipped({"../a": "x", "b": "y"})), Settings(), as_folder=True)
    assert container.names == ("b",)
    assert "leads out" in str(container.left_out["../a"])
