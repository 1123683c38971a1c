"""A reader that does what its file tells it to: the stand-in for a decoder that a crafted file took over.

Tests install a copy of it as a plugin, through the same door as any other; it is never imported by the tests.
"""

import ctypes
import itertools
import os
import signal
import socket
import struct
import subprocess
import threading
import time
from typing import Any, BinaryIO

from sensorium.core.contents import Document, DraftPiece
from sensorium.core.items import Modality, Place, Preview, Producer

PRODUCER = Producer(name="evil", version="1")


class EvilReader:
    media_types = frozenset({"application/x-evil"})

    def read(self, stream: BinaryIO, media_type: str, request: object, settings: object) -> Document:
        """The file holds the name of a deed and its arguments; a deed that succeeds shows in the title."""
        deed, *arguments = stream.read().decode().split("\n")
        return document(str(DEEDS[deed](*arguments)))


def document(title: str, **changes: Any) -> Document:
    piece = DraftPiece(modality=Modality.TEXT, place=Place(), text="evil")
    fields = {"modality": Modality.TEXT, "media_type": "application/x-evil", "title": title, "pieces": (piece,)}
    return Document(reader=PRODUCER, **{**fields, **changes})


def read_file(path: str) -> str:
    with open(path) as file:  # noqa: PTH123
        return file.read()


def write_file(path: str) -> str:
    with open(path, "w") as file:  # noqa: PTH123
        file.write("evil was here")
    return "written"


def list_folder(path: str) -> str:
    return str(os.listdir(path))  # noqa: PTH208


def list_own_folder() -> str:
    return list_folder(os.path.dirname(__file__))  # noqa: PTH120


def environment() -> str:
    return str(sorted(os.environ))


def make_socket() -> str:
    return str(socket.socket(socket.AF_INET, socket.SOCK_STREAM))


def make_pair() -> str:
    return str(socket.socketpair())


def fork() -> str:
    if not os.fork():
        os._exit(0)
    return "forked"


def execute() -> str:
    os.execv("/bin/true", ["true"])


def run_program() -> str:
    return str(subprocess.run(["/bin/true"], check=True))


def start_thread() -> str:
    threading.Thread(target=time.sleep, args=(0.1,)).start()
    return "started"


def kill_parent() -> str:
    os.kill(os.getppid(), signal.SIGTERM)
    return "killed"


def trace_parent() -> str:
    PTRACE_ATTACH = 16  # noqa: N806
    if ctypes.CDLL(None, use_errno=True).ptrace(PTRACE_ATTACH, os.getppid(), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return "traced"


def raise_limits() -> str:
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    return "raised"


def allocate(size: str) -> str:
    return str(len(bytearray(int(size))))


def keep_opening() -> str:
    return str([os.dup(0) for _ in range(100)])


def loop() -> str:
    while True:
        pass


def loop_in_c() -> str:
    return str(sum(itertools.repeat(0)))


def loop_deaf() -> str:
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass


def sleep() -> str:
    time.sleep(3600)
    return "slept"


def crash() -> str:
    return str(ctypes.string_at(0))


def leave() -> str:
    os._exit(0)


def recurse() -> str:
    return recurse() + recurse()


def answer_much(size: str) -> str:
    """A preview that is longer than any answer may be."""
    preview = Preview(media_type="image/png", width=1, height=1, data=bytes(int(size)), producer=PRODUCER)
    piece = DraftPiece(modality=Modality.TEXT, place=Place(), text="evil", preview=preview)
    from sensorium.readers import wire

    head, body = wire.pack_document(document("", pieces=(piece,)))
    return _send(struct.pack("!IQ", len(head), len(body)) + head + body)


def claim_much() -> str:
    return _send(struct.pack("!IQ", 10, 2**40))


def claim_and_stop() -> str:
    return _send(struct.pack("!IQ", 1000, 0))


def send_noise() -> str:
    return _send(bytes(range(256)) * 100)


def send_no_json() -> str:
    return _send_frame(b"{no json")


def send_deep_json() -> str:
    return _send_frame(b"[" * 60_000)


def send_many_lines() -> str:
    return _send_frame(b"\n" * 1_000_000)


def send_number() -> str:
    return _send_frame(b"1" * 60_000)


def send_refusal_of_its_own() -> str:
    return _send_frame(b'{"refused": "KeyboardInterrupt", "what": "x", "remedy": ""}')


def answer_twice() -> str:
    """A second answer in advance, which must not become the answer to the next question."""
    head = b'{"refused": "empty", "what": "in advance", "remedy": ""}'
    return _send(_frame(head) + _frame(head))


def _frame(head: bytes) -> bytes:
    return struct.pack("!IQ", len(head), 0) + head


def _send_frame(head: bytes) -> str:
    return _send(_frame(head))


def _send(data: bytes) -> str:
    """Straight into the channel, past the worker; then silence, so that only this can be the answer."""
    for descriptor in range(3, 1024):
        try:
            while data:
                data = data[os.write(descriptor, data) :]
        except OSError:
            continue
    time.sleep(3600)
    return "unreachable"


DEEDS = {name: deed for name, deed in list(globals().items()) if callable(deed) and name.islower()}
