from __future__ import annotations

import gzip
import io
import tarfile

import pytest

from sensorium.core.errors import DamagedFile, NotAFile, TooLarge, UnknownType
from sensorium.core.settings import MIB, Settings
from sensorium.readers.archives import Member, members
from sensorium.testing.documents import docx, zipped


def opened(data: bytes, **limits: int) -> list[Member]:
    return list(members(io.BytesIO(data), Settings(**limits)))


def contents(data: bytes) -> dict[str, bytes | None]:
    return {member.name: member.data for member in opened(data)}


def tarred(files: dict[str, bytes], *entries: tarfile.TarInfo) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for entry in entries:
            archive.addfile(entry)
    return data.getvalue()


FILES = {"a.txt": b"one", "b/c.txt": b"two" * 1_000}


@pytest.mark.parametrize(
    "data", [zipped(FILES), tarred(FILES), gzip.compress(tarred(FILES))], ids=["zip", "tar", "tar.gz"]
)
def test_an_archive_is_its_files(data: bytes) -> None:
    assert contents(data) == FILES


def test_a_packed_file_is_one_member() -> None:
    assert contents(gzip.compress(b"one") + gzip.compress(b"two")) == {"content": b"onetwo"}


def test_an_archive_in_an_archive_is_opened_and_no_deeper() -> None:
    inner = zipped({"x.txt": "x", "deep.tar": tarred({"y.txt": b"y"})})
    found = opened(zipped({"in.zip": inner}))
    assert [(member.name, member.data) for member in found] == [("in.zip/x.txt", b"x"), ("in.zip/deep.tar", None)]
    assert isinstance(found[1].refusal, TooLarge)


def test_documents_are_not_archives() -> None:
    document = docx("<w:p/>")
    assert contents(zipped({"a.docx": document})) == {"a.docx": document}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_what_is_no_regular_file_is_named_and_left_out(kind: bytes) -> None:
    entry = tarfile.TarInfo("x")
    entry.type, entry.linkname = kind, "/etc/passwd"
    found = opened(tarred({"a": b"1"}, entry))
    assert [(member.name, member.data) for member in found] == [("a", b"1"), ("x", None)]
    assert isinstance(found[1].refusal, NotAFile)


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b"])
def test_a_name_that_leads_out_refuses_the_archive(name: str) -> None:
    with pytest.raises(DamagedFile, match="leads out"):
        opened(tarred({name: b"x"}))


def test_two_files_of_one_name_refuse_the_archive() -> None:
    entry = tarfile.TarInfo("./a")
    with pytest.raises(DamagedFile, match="one name"):
        opened(tarred({"a": b"x"}, entry))


def test_limits_count_over_all_layers() -> None:
    inner = zipped({str(number): "x" for number in range(5)})
    data = zipped({"a.zip": inner, "b.zip": inner})
    assert opened(data, archive_entries=12)
    with pytest.raises(TooLarge, match="11 entries"):
        opened(data, archive_entries=11)


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_an_entry_of_tar_above_its_limit_is_refused(pack: object) -> None:
    assert callable(pack)
    with pytest.raises(TooLarge):
        opened(pack(tarred({"a": b"x" * 2_000})), archive_entry_bytes=1_999)


def test_a_packed_archive_has_a_ratio() -> None:
    with pytest.raises(TooLarge, match="more than 200"):
        opened(gzip.compress(tarred({"a": bytes(10 * MIB)})))


@pytest.mark.parametrize("keep", [0.1, 0.3])
@pytest.mark.parametrize("data", [gzip.compress(tarred(FILES)), gzip.compress(b"x" * 100)], ids=["tar.gz", "gz"])
def test_part_of_an_archive_is_damaged(data: bytes, keep: float) -> None:
    with pytest.raises((DamagedFile, UnknownType)):
        opened(data[: int(len(data) * keep)])


@pytest.mark.parametrize("keep", [0.06, 0.3])  # what follows the last file of a short tar is nothing but zeros
def test_a_tar_that_ends_inside_a_file_is_damaged(keep: float) -> None:
    data = tarred(FILES)
    with pytest.raises((DamagedFile, UnknownType)):
        opened(data[: int(len(data) * keep)])


def test_what_is_no_archive_is_damaged() -> None:
    with pytest.raises(DamagedFile, match="neither"):
        opened(b"%PDF-1.7\n")
