"""What a process that shut itself in can still do, from its first thread and from those it makes later."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import ctypes, json, os, socket, subprocess, sys, threading
from pathlib import Path
import numpy
from sensorium.processes import sandbox

threads, allowed, forbidden = sys.argv[1] == "threads", Path(sys.argv[2]), Path(sys.argv[3])
level = sandbox.close(1 << 33, threads=threads, readable=[allowed])

def outcome(attempt):
    try:
        attempt()
    except Exception as error:
        return type(error).__name__
    return "done"

def of_all():
    return {
        "allowed": outcome((allowed / "file").read_text),
        "forbidden": outcome((forbidden / "file").read_text),
        "write": outcome(lambda: (allowed / "new").write_text("x")),
        "socket": outcome(socket.socket),
        "fork": outcome(os.fork),
        "exec": outcome(lambda: os.execv("/bin/true", ["true"])),
        "program": outcome(lambda: subprocess.run(["/bin/true"])),
        "kill": outcome(lambda: os.kill(os.getppid(), 0)),
        "memory": outcome(lambda: numpy.ones(1 << 34, numpy.uint8)),
    }

found = {"level": level.name, "first": of_all()}
later = []
try:
    thread = threading.Thread(target=lambda: later.append(of_all()))
    thread.start()
    thread.join()
    found["later"] = later[0]
except RuntimeError:
    found["later"] = None
print(json.dumps(found))
"""
FAILS = ("forbidden", "write", "socket", "fork", "exec", "program", "kill", "memory")


def shut_in(how: str, folder: Path) -> dict[str, object]:
    for name in ("allowed", "forbidden"):
        (folder / name).mkdir()
        (folder / name / "file").write_text("secret")
    command = [sys.executable, "-c", PROGRAM, how, str(folder / "allowed"), str(folder / "forbidden")]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env={"OPENBLAS_NUM_THREADS": "1"})
    found: dict[str, object] = json.loads(run.stdout)
    if found["level"] != "SECCOMP":
        pytest.skip(f"this system shuts a process in to the level {found['level']} only")
    return found


def failed(outcomes: object) -> list[str]:
    assert isinstance(outcomes, dict)
    return [name for name, outcome in outcomes.items() if outcome != "done"]


def test_a_process_that_may_make_threads_makes_nothing_else(tmp_path: Path) -> None:
    found = shut_in("threads", tmp_path)
    assert failed(found["first"]) == list(FAILS)


def test_its_later_threads_are_shut_in_too(tmp_path: Path) -> None:
    found = shut_in("threads", tmp_path)
    assert failed(found["later"]) == list(FAILS)


def test_a_process_that_need_not_makes_no_thread(tmp_path: Path) -> None:
    found = shut_in("alone", tmp_path)
    assert (failed(found["first"]), found["later"]) == (list(FAILS), None)
