"""Archives that are bombs, traps or broken, made here: each is refused in little time and little memory."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import random
import resource
import struct
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from sensorium.core.contents import Document, DraftPiece, Member
from sensorium.core.errors import DamagedFile, Refused, TooLarge
from sensorium.core.items import Modality, Place, Producer
from sensorium.core.settings import MIB, Settings
from sensorium.readers.guarded import SandboxedReader
from sensorium.testing.archives import tarred
from sensorium.testing.documents import zipped
from sensorium.testing.mutants import Chosen, check_mutants, mutated

Unpack = Callable[[bytes], dict[str, "bytes | Refused"]]

BOMB_SECONDS, BOMB_MEMORY = 2, 256 * MIB
"""What refusing a bomb may cost: CPU time, and address space beyond what the decoders take when they are loaded."""

LOADED = 288 * MIB
"""Address space of the process with all readers loaded, most of it libraries."""

SIZES = (1, 4, 16, 512)

MUTANTS = 300
MUTANTS_LONG = 10_000


def unpacking(reader: SandboxedReader) -> Unpack:
    def unpack(archive: bytes) -> dict[str, bytes | Refused]:
        """What each member holds, or why it is left out."""
        with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as spool:
            file.write(archive)
            file.flush()
            found = reader.unpack(file.fileno(), spool)
            return {member.name: member.refusal or _held(spool, member) for member in found}

    return unpack


def _held(spool: io.BufferedRandom, member: Member) -> bytes:
    spool.seek(member.start)
    return spool.read(member.size)


@pytest.fixture(scope="module")
def tight() -> Iterator[Unpack]:
    """Unpacks with little memory and time, so that what takes more than a bomb may fails in another way."""
    settings = Settings(
        worker_memory=LOADED + BOMB_MEMORY, worker_cpu_seconds=BOMB_SECONDS, worker_wall_seconds=40 * BOMB_SECONDS
    )
    with closing(SandboxedReader(settings)) as reader:
        yield unpacking(reader)


@pytest.fixture
def unpack(reader: SandboxedReader) -> Unpack:
    return unpacking(reader)


def peak_memory() -> int:
    """Bytes this process had resident at most."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def zeros(size: int, packer: object) -> bytes:
    """That many zeros, packed."""
    return b"".join([*(packer.compress(bytes(MIB)) for _ in range(size // MIB)), packer.flush()])  # type: ignore[attr-defined]


def packed(pack: str, size: int, head: bytes = b"") -> bytes:
    packer = {
        "gz": lambda: zlib.compressobj(9, zlib.DEFLATED, 16 + 15),
        "bz2": bz2.BZ2Compressor,
        "xz": lzma.LZMACompressor,
    }[pack]()
    return packer.compress(head) + zeros(size, packer)


def stored(name: str, data: bytes, size: int, offset: int) -> tuple[bytes, bytes]:
    """A deflated member of a zip, and its entry in the directory, which say what they are told to."""
    fields = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, 0, len(data), size)
    told = name.encode()
    local = b"PK\3\4" + fields + struct.pack("<HH", len(told), 0) + told
    central = b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack("<HHHHHII", len(told), 0, 0, 0, 0, 0, offset)
    return local + data, central + told


def container(entries: list[tuple[bytes, bytes]]) -> bytes:
    body, directory = (b"".join(parts) for parts in zip(*entries, strict=True))
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


# -- bombs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claimed", [120 * MIB, 10])
def test_a_member_that_unfolds_is_refused_whatever_it_claims(tight: Unpack, claimed: int) -> None:
    data = zeros(120 * MIB, zlib.compressobj(9, zlib.DEFLATED, -15))
    with pytest.raises(TooLarge, match="200"):
        tight(container([stored("a", data, claimed, 0)]))


@pytest.mark.parametrize("pack", ["gz", "bz2", "xz"])
@pytest.mark.parametrize("head", [b"", tarfile.TarInfo("a").tobuf()], ids=["file", "tar"])
def test_what_unfolds_without_end_is_refused(tight: Unpack, pack: str, head: bytes) -> None:
    bomb = packed(pack, 100 * MIB, head)
    assert len(bomb) < MIB // 5
    with pytest.raises(TooLarge):
        tight(bomb)


@pytest.mark.parametrize("claims", [1.0, 0.0], ids=["honest", "lying"])
def test_many_members_within_the_ratio_are_refused_by_their_sum(tight: Unpack, claims: float) -> None:
    block = random.Random(1).randbytes(400) + bytes(65_000)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join([*(packer.compress(block) for _ in range(300)), packer.flush()])
    size, offsets = 300 * len(block), itertools.count(0, 30 + 2 + len(data))
    entries = [stored(f"{number:02}", data, int(size * claims), next(offsets)) for number in range(40)]
    assert size * 40 > 512 * MIB
    with pytest.raises(TooLarge, match="536870912"):
        tight(container(entries))


def test_entries_that_share_one_core_are_refused(tight: Unpack) -> None:
    """As in David Fifield's "A better zip bomb": many names for the same bytes."""
    core, first = stored("a", zeros(16 * MIB, zlib.compressobj(9, zlib.DEFLATED, -15)), 16 * MIB, 0)
    others = [(b"", stored(f"{number}", b"", 16 * MIB, 0)[1]) for number in range(1_000)]
    with pytest.raises(DamagedFile, match="overlap"):
        tight(container([(core, first), *others]))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_more_entries_than_the_limit_are_refused(tight: Unpack, pack: Callable[[bytes], bytes]) -> None:
    entry = tarfile.TarInfo("x" * 50)
    blocks = b"".join(_named(entry, number) for number in range(10_001))
    with pytest.raises(TooLarge, match="entries"):
        tight(pack(blocks + bytes(1024)))


def _named(entry: tarfile.TarInfo, number: int) -> bytes:
    entry.name = f"{number}"
    return entry.tobuf()


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.REGTYPE])
def test_a_header_of_tar_that_claims_much_is_refused(tight: Unpack, kind: bytes) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, 2**30
    with pytest.raises((TooLarge, DamagedFile)):
        tight(packed("gz", 100 * MIB, info.tobuf(tarfile.GNU_FORMAT)))


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_headers_of_tar_that_follow_one_another_are_damaged(tight: Unpack, kind: bytes) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = kind, 10
    with pytest.raises(DamagedFile):
        tight((header.tobuf(tarfile.GNU_FORMAT) + b"10 a=bcde\n".ljust(512, b"\0")) * 20_000)


def test_a_million_facts_about_all_files_are_refused(tight: Unpack) -> None:
    """Global headers of tar are kept to the end."""

    def blocks(between: bytes, size: int) -> Iterator[bytes]:
        value = b"x" * (size - len(b"%d " % size) - len("0" * 12) - len("=\n"))
        for number in range(300):
            facts = b"".join(b"%d %07d%05d=%s\n" % (size, number, fact, value) for fact in range(900_000 // size))
            header = tarfile.TarInfo("x")
            header.type, header.size = tarfile.XGLTYPE, len(facts)
            yield header.tobuf(tarfile.GNU_FORMAT) + facts + bytes(-len(facts) % 512) + between

    for between in (b"", tarfile.TarInfo("a").tobuf()):
        for size in (1_000, 100):
            with pytest.raises(TooLarge, match="headers"):
                tight(b"".join(blocks(between, size)) + tarred({"b": b"x"}))


def test_a_window_that_takes_the_memory_is_refused(tight: Unpack) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 128 * MIB, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC3}]
    with pytest.raises(TooLarge):
        tight(lzma.compress(b"x" * 1_000, format=lzma.FORMAT_XZ, filters=filters))


def test_a_long_row_of_packed_files_is_no_way_around_the_ratio(tight: Unpack) -> None:
    with pytest.raises(TooLarge, match="200"):
        tight(gzip.compress(bytes(60_000), 9) * 10_000)


def test_a_large_archive_passes_through_little_memory(unpack: Unpack) -> None:
    """It is made in a file, and looked at there: nothing but what unpacks it may hold it."""
    block = random.Random(1).randbytes(MIB)
    with (
        closing(SandboxedReader(Settings(worker_memory=LOADED + 32 * MIB))) as reader,
        tempfile.TemporaryFile() as file,
        tempfile.TemporaryFile() as spool,
    ):
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for number in range(3):
                with archive.open(f"{number}", "w") as member:
                    for _ in range(100):
                        member.write(block)
        file.flush()
        before = peak_memory()
        found = reader.unpack(file.fileno(), spool)
        assert [(member.start, member.size) for member in found] == [(n * 100 * MIB, 100 * MIB) for n in range(3)]
        assert peak_memory() - before < 32 * MIB


# -- what a broken archive does --------------------------------------------------------------------------------------


def sound() -> dict[str, bytes]:
    files = {"a.txt": b"one line\n" * 50, "b/c.bin": random.Random(1).randbytes(3_000), "empty": b""}
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "a.txt"
    made = {form: tarred(files, link, form=form) for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)}
    long_name = tarred({"n" * 200: b"x", **files})
    tars = {**{f"tar {form}": data for form, data in made.items()}, "tar long": long_name}
    return {
        **tars,
        **{
            f"{name}.{pack.__module__}": pack(data)
            for name, data in tars.items()
            for pack in (gzip.compress, bz2.compress, lzma.compress)
        },
        "zip": zipped(files),
        "zip stored": zipped(files, zipfile.ZIP_STORED),
    }


def mutant(chance: random.Random, data: bytes, pack: Callable[[bytes], bytes] | None) -> bytes:
    """Of a packed tar either what was packed or the package."""
    if pack is None or chance.random() < 0.4:
        return mutated(chance, data, SIZES)
    unpacked = {gzip.compress: gzip.decompress, bz2.compress: bz2.decompress, lzma.compress: lzma.decompress}[pack](
        data
    )
    return pack(mutated(chance, unpacked, SIZES))


def check(unpack: Unpack, count: int, seed: int) -> None:
    archives = sound()

    def read(content: bytes, kind: str) -> Document:
        """What was unpacked, as a document: what checks mutants wants one."""
        found = unpack(content)
        piece = DraftPiece(modality=Modality.TEXT, place=Place(), text=repr(found))
        reader = Producer(name="test", version="1")
        return Document(modality=Modality.TEXT, media_type=kind, title="", pieces=(piece,), reader=reader)

    def chosen(chance: random.Random) -> Chosen:
        name = chance.choice(list(archives))
        packs = {"gzip": gzip.compress, "bz2": bz2.compress, "lzma": lzma.compress}
        pack = packs.get(name.rpartition(".")[2])
        return mutant(chance, archives[name], pack), archives[name], "application/x-archive"

    check_mutants(read, chosen, count=count, seed=seed)


def test_mutated_archives_are_opened_or_refused(unpack: Unpack) -> None:
    check(unpack, MUTANTS, seed=8)


@pytest.mark.long
def test_many_mutated_archives_are_opened_or_refused(unpack: Unpack) -> None:
    check(unpack, MUTANTS_LONG, seed=9)


def test_sound_archives_are_opened(unpack: Unpack) -> None:
    for data in sound().values():
        assert unpack(data)["empty"] == b""
