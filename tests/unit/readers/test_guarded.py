from __future__ import annotations

import errno
import gzip
import hashlib
import io
import lzma
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sensorium.core.contents import ImageInput, ReadRequest
from sensorium.core.errors import (
    BadSetting,
    ClosedArchive,
    DamagedFile,
    EmptyFile,
    NotAFile,
    PluginBroken,
    ReaderCrashed,
    SensoriumError,
    TookTooLong,
    TooLarge,
    UnknownType,
)
from sensorium.core.settings import Settings
from sensorium.processes import child
from sensorium.processes.channel import Channel
from sensorium.processes.sandbox import Level
from sensorium.readers.guarded import SandboxedReader
from sensorium.readers.recognise import recognise
from sensorium.testing.archives import tarred
from sensorium.testing.documents import zipped

OpenBytes = Callable[[bytes], int]
Packages = Callable[[str], None]

REQUEST = ReadRequest(image_inputs=(ImageInput(width=4, height=4),))

PLUGGED = """
import os, time
from sensorium.core.contents import Document, DraftPiece
from sensorium.core.items import Modality, Place, Producer

class Plugged:
    media_types = frozenset({"application/x-plugged"})
    read_before = 0

    def read(self, stream, media_type, request, settings):
        name, _, argument = stream.read().decode().partition(" ")
        title = str(getattr(self, name)(argument))
        piece = DraftPiece(modality=Modality.TEXT, place=Place(), text="x")
        producer = Producer(name="plugged", version="1")
        return Document(modality=Modality.TEXT, media_type=media_type, title=title, pieces=(piece,), reader=producer)

    def pid(self, argument):
        return os.getpid()

    def sleep(self, argument):
        time.sleep(float(argument))

    def crash_when_warm(self, argument):
        Plugged.read_before += 1
        if Plugged.read_before > 1:
            os._exit(3)
        return "fresh"

    def fail(self, argument):
        raise LookupError(argument)
"""


def do(reader: SandboxedReader, open_bytes: OpenBytes, words: str) -> str:
    return reader.read(open_bytes(words.encode()), "application/x-plugged", REQUEST).title


def test_a_text_is_read(reader: SandboxedReader, open_bytes: OpenBytes) -> None:
    document = reader.read(open_bytes("# Größe\n\nEin Satz.".encode()), "text/plain", REQUEST)
    assert document.title == "Größe"
    assert document.pieces[0].text == "# Größe\n\nEin Satz."


def test_a_refusal_of_the_reader_arrives(reader: SandboxedReader, open_bytes: OpenBytes) -> None:
    with pytest.raises(EmptyFile):
        reader.read(open_bytes(b"  \n"), "text/plain", REQUEST)


def test_a_type_without_a_reader_is_named(reader: SandboxedReader, open_bytes: OpenBytes) -> None:
    with pytest.raises(UnknownType, match="a RAR archive: no reader for it yet"):
        reader.read(open_bytes(b"Rar!\x1a\x07"), "application/vnd.rar", REQUEST)


@pytest.mark.parametrize(
    "data", [tarred({"a": b"x"}), gzip.compress(b"x"), zipped({"a": "x", "../b": "y"})], ids=["tar", "gz", "zip"]
)
def test_an_archive_is_opened_on_request_only(reader: SandboxedReader, open_bytes: OpenBytes, data: bytes) -> None:
    with pytest.raises(ClosedArchive, match="--archives"):
        reader.read(open_bytes(data), recognise(data), REQUEST)


def test_the_position_of_the_descriptor_stays(reader: SandboxedReader, open_bytes: OpenBytes) -> None:
    descriptor = open_bytes(b"one two three")
    os.lseek(descriptor, 4, os.SEEK_SET)
    assert reader.read(descriptor, "text/plain", REQUEST).pieces[0].text == "one two three"
    assert os.lseek(descriptor, 0, os.SEEK_CUR) == 4


def test_a_folder_is_no_file(reader: SandboxedReader, tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(NotAFile):
            reader.read(descriptor, "text/plain", REQUEST)
    finally:
        os.close(descriptor)


def test_a_file_above_the_limit_is_not_read(open_bytes: OpenBytes) -> None:
    with closing(SandboxedReader(Settings(file_bytes=10))) as reader:
        with pytest.raises(TooLarge, match="more than 10 bytes"):
            reader.read(open_bytes(b"eleven byte"), "text/plain", REQUEST)


def test_the_level_is_known_before_any_file_is_read(reader: SandboxedReader) -> None:
    assert reader.level in Level
    if sys.platform == "linux":
        assert reader.level >= Level.LIMITS


def test_threads_may_share_a_reader(reader: SandboxedReader, open_bytes: OpenBytes) -> None:
    texts = [f"text {number} " * 500 for number in range(8)]
    descriptors = [open_bytes(text.encode()) for text in texts]
    seen: dict[int, str] = {}

    def read(number: int) -> None:
        for _ in range(5):
            seen[number] = str(reader.read(descriptors[number], "text/plain", REQUEST).pieces[0].text)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(text.startswith(f"text {number} ") for number, text in seen.items())
    assert len(seen) == 8


def test_one_child_serves_many_files_and_is_replaced_when_worn(packages: Packages, open_bytes: OpenBytes) -> None:
    packages(PLUGGED)
    with closing(SandboxedReader(Settings(worker_files=3))) as reader:
        children = [do(reader, open_bytes, "pid") for _ in range(7)]
    assert [children.count(child) for child in dict.fromkeys(children)] == [3, 3, 1]


def test_the_child_is_out_of_the_terminals_reach(packages: Packages, open_bytes: OpenBytes) -> None:
    packages(PLUGGED)
    with closing(SandboxedReader(Settings())) as reader:
        child = int(do(reader, open_bytes, "pid"))
        assert child != os.getpid()
        assert os.getsid(child) != os.getsid(0)


def test_a_child_that_was_killed_while_idle_is_replaced_without_a_word(
    packages: Packages, open_bytes: OpenBytes
) -> None:
    packages(PLUGGED)
    with closing(SandboxedReader(Settings())) as reader:
        first = do(reader, open_bytes, "pid")
        os.kill(int(first), signal.SIGKILL)
        os.waitid(os.P_PID, int(first), os.WEXITED | os.WNOWAIT)
        assert do(reader, open_bytes, "pid") != first


def test_a_file_that_only_a_worn_child_dies_of_is_read_by_a_fresh_one(
    packages: Packages, open_bytes: OpenBytes
) -> None:
    packages(PLUGGED)
    with closing(SandboxedReader(Settings())) as reader:
        assert do(reader, open_bytes, "crash_when_warm") == "fresh"
        assert do(reader, open_bytes, "crash_when_warm") == "fresh"


def test_a_failure_of_the_reader_names_its_kind_and_not_its_words(packages: Packages, open_bytes: OpenBytes) -> None:
    packages(PLUGGED)
    with closing(SandboxedReader(Settings())) as reader:
        with pytest.raises(ReaderCrashed, match="LookupError") as caught:
            do(reader, open_bytes, "fail secret")
    assert "secret" not in str(caught.value)


def test_the_limit_on_the_clock_is_kept(packages: Packages, open_bytes: OpenBytes) -> None:
    packages(PLUGGED)
    with closing(SandboxedReader(Settings(worker_wall_seconds=0.3))) as reader:
        start = time.monotonic()
        with pytest.raises(TookTooLong):
            do(reader, open_bytes, "sleep 30")
        assert time.monotonic() - start < 10


def test_closing_ends_a_reading_that_is_under_way(packages: Packages, open_bytes: OpenBytes) -> None:
    packages(PLUGGED)
    reader = SandboxedReader(Settings())
    caught: list[BaseException] = []

    def read() -> None:
        try:
            do(reader, open_bytes, "sleep 50")
        except SensoriumError as error:
            caught.append(error)

    do(reader, open_bytes, "pid")
    thread = threading.Thread(target=read)
    thread.start()
    time.sleep(0.2)
    reader.close()
    thread.join(10)
    assert [type(error) for error in caught] == [SensoriumError]


def test_a_closed_reader_says_so(open_bytes: OpenBytes) -> None:
    reader = SandboxedReader(Settings())
    reader.close()
    reader.close()
    with pytest.raises(SensoriumError, match="closed"):
        reader.read(open_bytes(b"x"), "text/plain", REQUEST)


def test_an_interrupt_half_way_does_not_mix_up_answers(open_bytes: OpenBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with closing(SandboxedReader(Settings())) as reader:
        reader.start()
        assert reader.level in Level
        with monkeypatch.context() as patch:
            patch.setattr(Channel, "receive", interrupted)
            with pytest.raises(KeyboardInterrupt):
                reader.read(open_bytes(b"the first"), "text/plain", REQUEST)
        assert reader.read(open_bytes(b"the second"), "text/plain", REQUEST).title == "the second"


def test_a_broken_plugin_is_named(packages: Packages, open_bytes: OpenBytes) -> None:
    packages("import no_such_package")
    with closing(SandboxedReader(Settings())) as reader:
        with pytest.raises(PluginBroken, match=r"plugged: .*no_such_package"):
            reader.read(open_bytes(b"x"), "text/plain", REQUEST)


def test_a_child_that_does_not_start_is_a_broken_plugin(open_bytes: OpenBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "BOOT", "raise SystemExit(1)")
    with closing(SandboxedReader(Settings())) as reader:
        with pytest.raises(PluginBroken, match="does not start"):
            reader.read(open_bytes(b"x"), "text/plain", REQUEST)


def test_strict_refuses_to_read_below_the_highest_level(open_bytes: OpenBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    weaker = "from sensorium.processes import seccomp\nseccomp.restrict = lambda threads: False\nimport_module("
    monkeypatch.setattr(child, "BOOT", child.BOOT.replace("import_module(", weaker))
    with closing(SandboxedReader(Settings(sandbox="best"))) as reader:
        assert reader.level < max(Level)
    with closing(SandboxedReader(Settings(sandbox="strict"))) as reader:
        with pytest.raises(BadSetting, match="SENSORIUM_SANDBOX=best"):
            reader.read(open_bytes(b"x"), "text/plain", REQUEST)


def test_strict_reads_where_the_kernel_has_it_all(reader: SandboxedReader, open_bytes: OpenBytes) -> None:
    if reader.level < max(Level):
        pytest.skip(f"this kernel shuts the reading process in to the level {reader.level.name} only")
    with closing(SandboxedReader(Settings(sandbox="strict"))) as strict:
        assert strict.read(open_bytes(b"x"), "text/plain", REQUEST).title == "x"


PARENT = """
import os, sys
from sensorium.core.contents import ImageInput, ReadRequest
from sensorium.core.settings import Settings
from sensorium.readers.guarded import SandboxedReader
from sensorium.readers.recognise import recognise

reader = SandboxedReader(Settings())
descriptor = os.open(sys.argv[1], os.O_RDONLY)
media_type = recognise(os.pread(descriptor, 4096, 0))
document = reader.read(descriptor, media_type, ReadRequest(image_inputs=(ImageInput(width=4, height=4),)))
assert document.pieces[0].renditions[0].shape == (4, 4, 3)
"""

GIF = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")


def test_the_parent_loads_no_decoder(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(GIF)
    ending = "reader.close(); print([name for name in sys.modules if name.partition('.')[0] == 'PIL'])"
    command = [sys.executable, "-c", PARENT + ending, str(tmp_path / "picture")]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout == "[]\n"


def test_the_child_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(GIF)
    ending = "print(reader._process.process, flush=True); import signal; os.kill(os.getpid(), signal.SIGKILL)"
    command = [sys.executable, "-c", PARENT + ending, str(tmp_path / "picture")]
    child = int(subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout)
    deadline = time.monotonic() + 10
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _lives(child)


def _lives(process: int) -> bool:
    """Neither gone nor a zombie that waits for an init which does not collect."""
    if Path("/proc/self").exists():
        status = Path(f"/proc/{process}/stat")
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
    return subprocess.run(["ps", "-p", str(process)], capture_output=True, check=False).returncode == 0


def test_equal_files_read_equally(reader: SandboxedReader, open_bytes: OpenBytes) -> None:
    digests = set()
    for _ in range(3):
        document = reader.read(open_bytes(GIF), "image/gif", REQUEST)
        digests.add(hashlib.sha256(document.pieces[0].renditions[0].tobytes()).hexdigest())
    assert len(digests) == 1


# -- archives --------------------------------------------------------------------------------------------------------


def test_an_archive_comes_back_as_its_members(reader: SandboxedReader, open_bytes: OpenBytes) -> None:
    spool = io.BytesIO(b"what was there before")
    members = reader.unpack(open_bytes(zipped({"a": b"one", "../b": b"x", "c": b"three"})), spool)
    assert [(member.name, member.start, member.size) for member in members] == [
        ("../b", 0, 0),
        ("a", 0, 3),
        ("c", 3, 5),
    ]
    assert isinstance(members[0].refusal, DamagedFile)
    assert spool.getvalue() == b"onethree"


def test_a_refused_archive_does_not_disturb_the_next_file(reader: SandboxedReader, open_bytes: OpenBytes) -> None:
    with pytest.raises(DamagedFile, match="cut off"):
        reader.unpack(open_bytes(tarred({"a": b"x" * 300_000})[:-9_000]), io.BytesIO())
    assert reader.read(open_bytes(b"A text."), "text/plain", REQUEST).pieces[0].text == "A text."


def test_a_spool_that_is_full_does_not_disturb_the_next_file(reader: SandboxedReader, open_bytes: OpenBytes) -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, "no space left")

    with pytest.raises(OSError, match="no space"):
        reader.unpack(open_bytes(tarred({"a": b"x" * 300_000})), Full())
    assert reader.read(open_bytes(b"A text."), "text/plain", REQUEST).pieces[0].text == "A text."


def test_the_parent_loads_nothing_that_takes_archives_apart(tmp_path: Path) -> None:
    (tmp_path / "a.tar.xz").write_bytes(lzma.compress(tarred({"a": b"x"})))
    code = (
        "import io, os, sys; from sensorium.core.settings import Settings\n"
        "from sensorium.readers.guarded import SandboxedReader\n"
        "reader = SandboxedReader(Settings()); before = set(sys.modules)\n"
        "assert reader.unpack(os.open(sys.argv[1], os.O_RDONLY), io.BytesIO()); reader.close()\n"
        "print(sorted({'tarfile', 'bz2', 'lzma', 'sensorium.readers.archives.opening'} & (set(sys.modules) - before)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.tar.xz"], capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"
