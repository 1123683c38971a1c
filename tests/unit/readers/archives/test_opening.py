from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from sensorium.core.errors import DamagedFile, NotAFile, Refused, TooLarge, UnknownType
from sensorium.core.settings import MIB, Settings
from sensorium.readers.archives.opening import members
from sensorium.testing.archives import tarred
from sensorium.testing.documents import docx, zipped

Pack = Callable[[bytes], bytes]

FILES = {"a.txt": b"one", "b/c.txt": b"two" * 1_000}
PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
KINDS = {"zip": zipped, "tar": tarred, **{f"tar.{n}": lambda files, p=p: p(tarred(files)) for n, p in PACKERS.items()}}
every_kind = pytest.mark.parametrize("kind", KINDS)
every_packer = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)


def opened(data: bytes, **limits: int) -> dict[str, bytes | Refused]:
    """What each member holds, or why it is left out."""
    found: dict[str, bytes | Refused] = {}
    whole = set()
    for part in members(io.BytesIO(data), Settings(**limits)):
        assert part.name not in whole
        if part.refusal is not None:
            found[part.name] = part.refusal
        else:
            held = found.get(part.name, b"")
            assert isinstance(held, bytes)
            found[part.name] = held + part.data
        if part.refusal is not None or part.is_last:
            whole.add(part.name)
    assert whole == set(found)
    return found


def kinds_of(found: dict[str, bytes | Refused]) -> dict[str, bytes | type[Refused]]:
    return {name: held if isinstance(held, bytes) else type(held) for name, held in found.items()}


def noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)


# -- what is in it ---------------------------------------------------------------------------------------------------


@every_kind
def test_an_archive_is_its_files(kind: str) -> None:
    assert opened(KINDS[kind](FILES)) == FILES


@every_kind
@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 200_000])
def test_files_of_any_length_are_whole(kind: str, size: int) -> None:
    files = {"a": noise(size), "b": b"after it"}
    assert opened(KINDS[kind](files)) == files


@every_packer
def test_a_packed_file_is_one_member_without_a_name(pack: Pack) -> None:
    assert opened(pack(b"one") + pack(b"two")) == {"": b"onetwo"}


@every_packer
def test_zeros_behind_a_packed_file_are_padding(pack: Pack) -> None:
    assert opened(pack(b"one") + bytes(512)) == {"": b"one"}


def test_what_lies_in_an_archive_is_handed_over_as_it_is() -> None:
    files = {"a.docx": docx("<w:p/>"), "in.zip": zipped({"x": "x"})}
    assert opened(zipped(files)) == files


@pytest.mark.parametrize("name", ["./a/b", "a//b", "a/./b"])
def test_names_are_the_paths_they_lead_to(name: str) -> None:
    assert opened(tarred({name: b"x"})) == {"a/b": b"x"}


def test_names_in_other_encodings_come_through() -> None:
    assert opened(tarred({"caf\udce9.txt": b"x", "größe.txt": b"y"})) == {"caf\udce9.txt": b"x", "größe.txt": b"y"}


def test_folders_are_no_members() -> None:
    folder = tarfile.TarInfo("b")
    folder.type = tarfile.DIRTYPE
    assert opened(tarred({"a": b"x"}, folder)) == {"a": b"x"}
    assert opened(zipped({"b/": "", "b/a": "x"})) == {"b/a": b"x"}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_form_of_tar_is_read_with_long_names(form: int) -> None:
    files = {"d" * 90 + "/" + "n" * 90: noise(700), "b": b"x"}
    assert opened(tarred(files, form=form)) == files


# -- what is left out, and the rest stays ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_what_is_no_regular_file_is_named_and_left_out(kind: bytes) -> None:
    entry = tarfile.TarInfo("x")
    entry.type, entry.linkname = kind, "/etc/passwd"
    assert kinds_of(opened(tarred({"a": b"1"}, entry))) == {"a": b"1", "x": NotAFile}


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b", "C:\\a", "\\\\server\\a"])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_name_that_leads_out_is_left_out(pack: Callable[[dict[str, bytes]], bytes], name: str) -> None:
    assert kinds_of(opened(pack({name: b"x", "b": b"y"}))) == {name: DamagedFile, "b": b"y"}


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_name_that_leads_nowhere_is_left_out(pack: Callable[[dict[str, bytes]], bytes]) -> None:
    assert kinds_of(opened(pack({".": b"x", "b": b"y"}))) == {".": DamagedFile, "b": b"y"}


def test_a_link_in_a_zip_is_left_out() -> None:
    data = io.BytesIO()
    link = zipfile.ZipInfo("x")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(data, "w") as file:
        file.writestr(link, "/etc/passwd")
        file.writestr("a", "1")
    assert kinds_of(opened(data.getvalue())) == {"x": DamagedFile, "a": b"1"}


def test_an_encrypted_member_is_left_out() -> None:
    data = bytearray(zipped({"a": "x", "b": "y"}))
    for magic, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(magic) + offset] |= 1
    found = opened(bytes(data))
    assert kinds_of(found) == {"a": UnknownType, "b": b"y"}
    assert "encrypted" in str(found["a"])


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_that_is_packed_in_an_unusual_way_is_left_out(method: int) -> None:
    assert kinds_of(opened(zipped({"a": "x"}, method))) == {"a": UnknownType}


def test_a_damaged_member_of_a_zip_is_left_out() -> None:
    data = zipped({"a": noise(100_000), "b": "y"}, zipfile.ZIP_STORED)
    at = data.index(noise(100_000)) + 90_000
    assert kinds_of(opened(data[:at] + b"??" + data[at + 2 :])) == {"a": DamagedFile, "b": b"y"}


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_a_member_above_its_limit_is_left_out(kind: str) -> None:
    data = KINDS[kind]({"a": noise(2_000), "b": b"y"})
    assert kinds_of(opened(data, archive_entry_bytes=1_999)) == {"a": TooLarge, "b": b"y"}


# -- what refuses all of it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [lambda files: tarred(files, tarfile.TarInfo("./a")), lambda files: tarred(files)])
def test_two_files_of_one_name_refuse_the_archive(pack: Callable[[dict[str, bytes]], bytes]) -> None:
    with pytest.raises(DamagedFile, match="one name"):
        opened(pack({"a": b"x", "b//c": b"x", "b/c": b"y"}))


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_too_many_entries_are_refused(kind: str) -> None:
    data = KINDS[kind]({str(number): b"x" for number in range(12)})
    assert opened(data, archive_entries=12)
    with pytest.raises(TooLarge, match="11 entries"):
        opened(data, archive_entries=11)


@every_kind
def test_all_members_together_have_a_limit(kind: str) -> None:
    data = KINDS[kind]({"a": noise(60_000), "b": noise(60_000)[::-1]})
    with pytest.raises(TooLarge, match="100000 bytes"):
        opened(data, archive_bytes=100_000)


@every_packer
def test_a_packed_file_above_the_limit_of_one_is_refused(pack: Pack) -> None:
    with pytest.raises(TooLarge, match="1999 bytes"):
        opened(pack(noise(2_000)), archive_entry_bytes=1_999)


@every_packer
def test_a_packed_archive_has_a_ratio(pack: Pack) -> None:
    with pytest.raises(TooLarge, match="more than 200"):
        opened(pack(tarred({"a": bytes(10 * MIB)})))


@every_packer
def test_what_people_pack_stays_within_the_ratio(pack: Pack) -> None:
    words = [bytes(random.Random(seed).choices(b"abcdefgh ", k=9)) for seed in range(500)]
    log = b"".join(b"%d a line that comes again and again\n" % number for number in range(60_000))
    text = b"".join(random.Random(2).choices(words, k=500_000)) + log
    assert opened(pack(text)) == {"": text}


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.9, 0.99])
@every_packer
def test_part_of_a_packed_archive_is_damaged(pack: Pack, keep: float) -> None:
    for data in (pack(tarred(FILES)), pack(noise(5_000))):
        with pytest.raises(DamagedFile):
            opened(data[: int(len(data) * keep)])


@every_packer
def test_a_packed_file_without_its_checksum_is_damaged(pack: Pack) -> None:
    data = pack(b"one")
    with pytest.raises(DamagedFile):
        opened(data[:-1])


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["tar", "tar.gz"])
@pytest.mark.parametrize("blocks", range(1, 11))
def test_a_tar_that_ends_early_is_cut_off_wherever_it_ends(pack: Pack, blocks: int) -> None:
    """The header and data of a, of b, and the first of two blocks of zeros: also where one member ends."""
    data = tarred(FILES)
    assert data[512 * 9 :] == bytes(len(data) - 512 * 9)
    with pytest.raises(DamagedFile, match="cut off"):
        opened(pack(data[: 512 * blocks]))
    assert opened(pack(data[: 512 * 11])) == FILES


def test_a_broken_header_in_the_middle_is_not_taken_for_the_end() -> None:
    data = bytearray(tarred(FILES))
    data[1024 + 5] ^= 1
    with pytest.raises(DamagedFile, match="cut off"):
        opened(bytes(data))


def test_something_behind_the_end_of_a_tar_is_not_passed_over() -> None:
    with pytest.raises(DamagedFile, match="behind its end"):
        opened(tarred(FILES) + tarred({"c": b"x"}))


def test_what_is_no_archive_is_damaged() -> None:
    with pytest.raises(DamagedFile, match="neither"):
        opened(b"%PDF-1.7\n")
