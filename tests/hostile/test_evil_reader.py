"""A reader that was taken over can waste its time, and nothing else: every deed ends as a refusal."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sensorium.core.contents import Document
from sensorium.core.errors import EmptyFile, ReaderCrashed, Refused, TookTooLong, TooLarge
from sensorium.core.settings import MIB
from sensorium.processes.sandbox import Level
from sensorium.readers.guarded import SandboxedReader

Evil = Callable[..., Document]

KIB = 1024
GIB = 1024 * MIB


@pytest.fixture
def shut_in(evil_reader: SandboxedReader) -> None:
    if evil_reader.level < Level.SECCOMP:
        pytest.skip(f"this kernel shuts the reading process in to the level {evil_reader.level.name} only")


@pytest.fixture(autouse=True)
def next_file_reads(evil: Evil) -> Iterator[None]:
    """Whatever a deed does, the file after it is read."""
    yield
    assert "OPENBLAS_NUM_THREADS" in evil("environment").title


def peak_memory() -> int:
    """Bytes this process had resident at most."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIB


@pytest.mark.usefixtures("shut_in")
@pytest.mark.parametrize(
    "deed",
    ["make_socket", "make_pair", "fork", "execute", "run_program", "start_thread", "kill_parent", "trace_parent",
     "raise_limits"],
)  # fmt: skip
def test_system_calls_that_decoding_does_not_need_fail(evil: Evil, deed: str) -> None:
    with pytest.raises(ReaderCrashed, match="failed on it"):
        evil(deed)


@pytest.mark.usefixtures("shut_in")
@pytest.mark.parametrize("deed", ["read_file", "write_file"])
def test_other_files_of_the_user_are_out_of_reach(evil: Evil, deed: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    with pytest.raises(ReaderCrashed, match="PermissionError"):
        evil(deed, secret)
    assert secret.read_text() == "the secret"


@pytest.mark.usefixtures("shut_in")
@pytest.mark.parametrize("folder", ["/", "/etc", "/proc/self", "/proc/self/fd", "/tmp"])
def test_no_folder_but_those_of_packages_can_be_listed(evil: Evil, folder: str) -> None:
    with pytest.raises(ReaderCrashed, match="failed on it"):
        evil("list_folder", folder)


@pytest.mark.usefixtures("shut_in")
def test_the_folder_that_a_plugin_was_found_in_is_closed(evil: Evil) -> None:
    with pytest.raises(ReaderCrashed, match="PermissionError"):
        evil("list_own_folder")


def test_no_file_can_be_written(evil: Evil, tmp_path: Path) -> None:
    with pytest.raises(ReaderCrashed):
        evil("write_file", tmp_path / "new.txt")
    assert not (tmp_path / "new.txt").exists() or not (tmp_path / "new.txt").stat().st_size


def test_the_environment_is_not_handed_on(evil: Evil, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "secret")
    with pytest.raises(ReaderCrashed):
        evil("crash")
    assert "A_TOKEN" not in evil("environment").title


def test_memory_has_an_end(evil: Evil) -> None:
    with pytest.raises(TooLarge, match="more memory"):
        evil("allocate", 10 * GIB)


def test_the_parent_does_not_pay_for_the_memory_of_the_child(evil: Evil) -> None:
    before = peak_memory()
    for deed, size in (("allocate", 10 * GIB), ("answer_much", 100 * MIB)):
        with pytest.raises(TooLarge):
            evil(deed, size)
    assert peak_memory() - before < 50 * MIB


def test_open_files_have_an_end(evil: Evil) -> None:
    with pytest.raises(ReaderCrashed, match="OSError"):
        evil("keep_opening")


@pytest.mark.parametrize("deed", ["loop", "loop_in_c"])
def test_an_endless_loop_meets_the_limit_of_cpu_time(evil: Evil, deed: str) -> None:
    with pytest.raises(TookTooLong, match="CPU"):
        evil(deed)


@pytest.mark.parametrize("deed", ["sleep", "loop_deaf", "claim_and_stop"])
def test_waiting_meets_the_limit_of_time_on_the_clock(evil: Evil, deed: str) -> None:
    with pytest.raises(TookTooLong, match="clock"):
        evil(deed)


@pytest.mark.parametrize("deed", ["crash", "leave"])
def test_a_death_is_one_refusal(evil: Evil, deed: str) -> None:
    with pytest.raises(ReaderCrashed, match="died"):
        evil(deed)


def test_endless_recursion_is_a_refusal(evil: Evil) -> None:
    with pytest.raises(Refused):
        evil("recurse")


@pytest.mark.parametrize("words", [("answer_much", 5 * MIB), ("claim_much",)])
def test_a_long_answer_is_not_taken(evil: Evil, words: tuple[object, ...]) -> None:
    with pytest.raises(TooLarge, match="comes out"):
        evil(*words)


@pytest.mark.parametrize(
    "deed",
    ["send_no_json", "send_deep_json", "send_many_lines", "send_number", "send_refusal_of_its_own"],
)
def test_an_answer_that_breaks_the_protocol_is_a_refusal(evil: Evil, deed: str) -> None:
    with pytest.raises(ReaderCrashed, match="nonsense"):
        evil(deed)


def test_noise_on_the_channel_is_a_refusal(evil: Evil) -> None:
    with pytest.raises(Refused):
        evil("send_noise")


def test_an_answer_in_advance_does_not_answer_the_next_file(evil: Evil) -> None:
    with pytest.raises(EmptyFile, match="in advance"):
        evil("answer_twice")
    assert "LC_ALL" in evil("environment").title


def test_no_descriptor_leaks_over_crashes(evil: Evil) -> None:
    counts = set()
    for deed in ("crash", "leave", "claim_much", "send_no_json", "sleep", "crash"):
        evil("environment")
        with pytest.raises(Refused):
            evil(deed)
        counts.add(len(os.listdir("/dev/fd")))  # noqa: PTH208
    assert len(counts) == 1
