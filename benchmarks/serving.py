"""`python -m benchmarks.serving [LIBRARY]`: questions a second of a server on loopback, against its parts called bare.

Bare is the same encoder and a FAISS index of the same vectors, called in a loop by one thread: no store, no rights, no
closer look, no pictures, no HTTP. Server and clients are processes of their own; every question is asked once, so that
no answer is remembered. Both are measured in turns, after the server says that it is ready.

--pieces N: in place of LIBRARY one of N pieces, half pictures and half texts, whose vectors are drawn by a seed in the
space of the built-in encoder. --minutes N: nothing but whether memory stays: 8 clients ask all the time, and the
resident memory of the server with its reading process is read every minute.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

CLIENTS = (1, 8, 32, 128)
K = 10
SUBJECTS = ("a dog", "two children", "an old house", "a red car", "the sea", "a song", "a bird", "rain", "bread")
DOINGS = ("in the snow", "at night", "near a river", "on a table", "by the window", "in summer", "far away", "in town")


STEADY_CLIENTS = 8
READY_SECONDS = 300
SEED = 100_000
MEGA = 1024 * 1024


def questions(seed: int) -> Iterator[str]:
    """Questions without end, none of them asked under another seed."""
    pairs = itertools.cycle(itertools.product(SUBJECTS, DOINGS))
    return (f"{subject} {doing} number {seed}.{n}" for n, (subject, doing) in enumerate(pairs))


def made(folder: Path, pieces: int) -> Path:
    """A library of so many pieces with vectors of the built-in encoder's space, put into its store without media."""
    import sensorium
    from benchmarks.searching import COMMIT, SCOPE, addition, sighting
    from sensorium import plugins
    from sensorium.encoders.compact import CompactEncoder

    space = CompactEncoder.load().space
    random = np.random.default_rng(SEED)
    place = folder / "library"
    with plugins.load("sensorium.stores", "sqlite").open(place, create=True) as store:
        store.add_space(space)
        for start in range(0, pieces, COMMIT):
            numbers = range(start, min(start + COMMIT, pieces))
            rows = random.standard_normal((len(numbers), space.width), dtype=np.float32)
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            additions = [addition(number, space, row) for number, row in zip(numbers, rows, strict=True)]
            store.commit(SCOPE, additions=additions, sightings=[sighting(added.item) for added in additions])
    with sensorium.open(place, create=False) as library:
        library.rebuild()
    return place


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own."""

    address: str
    pid: int

    def resident(self) -> float:
        """Megabytes of memory that it and its reading process hold."""
        return sum(_resident(pid) for pid in (self.pid, *_children(self.pid))) / MEGA


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def _resident(pid: int) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except OSError:
        return 0  # a reading process that has just been replaced
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def served(library: Path) -> Iterator[Served]:
    """A server, once it says that it is ready."""
    command = [sys.executable, "-m", "benchmarks.serving", str(library), "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            server = Served(process.stdout.readline().strip(), process.pid)
            _await_ready(server.address)
            yield server
        finally:
            process.terminate()


def _await_ready(address: str) -> None:
    begun = time.perf_counter()
    while time.perf_counter() - begun < READY_SECONDS:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        connection.request("GET", "/readyz")
        if connection.getresponse().status == 200:
            print(f"ready after {time.perf_counter() - begun:.1f} s", file=sys.stderr)
            return
        connection.close()
        time.sleep(0.2)
    raise TimeoutError("the server does not get ready")


def serve(library: Path) -> None:
    """Runs the server, without limits of rate, until it is ended."""
    import sensorium
    from sensorium.server.options import ServeOptions
    from sensorium.server.running import Serving

    with sensorium.open(library, create=False) as opened:
        serving = Serving(opened, ServeOptions(port=0, a_minute=10_000_000))
        with serving.listening() as address:
            print(address, flush=True)
            serving.run()


def bare(library: Path, seconds: float, seed: int) -> float:
    """Questions a second of encoder and index in a loop."""
    import faiss

    import sensorium
    from sensorium.core.items import Modality
    from sensorium.core.scopes import EVERYTHING, Scope
    from sensorium.encoders.compact import CompactEncoder

    encoder = CompactEncoder.load()
    with sensorium.open(library, create=False) as opened:
        store = opened._store
        keys = store.visible_keys(Scope.local_owner(), EVERYTHING, encoder.space.id)
        vectors = np.stack(list(store.vectors_of(encoder.space.id, keys.tolist()).values()))
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    asked = questions(seed)
    encoder.encode(Modality.TEXT, [next(asked)], "query")
    begun, done = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        index.search(encoder.encode(Modality.TEXT, [next(asked)], "query"), K)
        done += 1
    return done / (time.perf_counter() - begun)


def load(address: str, clients: int, seconds: float, seed: int) -> tuple[float, list[float], int]:
    """Questions a second, the milliseconds of each, and how many were refused, with so many clients at once."""
    host = urlsplit(address).netloc
    asked, lock = questions(seed), threading.Lock()
    times: list[float] = []
    refused = [0]
    begun = time.perf_counter()

    def client() -> None:
        connection = http.client.HTTPConnection(host, timeout=60)
        while time.perf_counter() - begun < seconds:
            with lock:
                text = next(asked)
            start = time.perf_counter()
            body = json.dumps({"text": text, "k": K})
            connection.request("POST", "/v1/search", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                times.append(1000 * (time.perf_counter() - start))
            else:
                refused[0] += 1
        connection.close()

    with ThreadPoolExecutor(clients) as pool:
        for _ in range(clients):
            pool.submit(client)
    return len(times) / (time.perf_counter() - begun), times, refused[0]


def steady(server: Served, minutes: float, every: float) -> None:
    """Prints the memory of a server that is asked all the time, and how it grows: by least squares, after the first
    third, in which caches and pools fill."""
    took: list[float] = []
    stop = threading.Event()

    def ask() -> None:
        seed = 1_000
        while not stop.is_set():
            _, times, _ = load(server.address, STEADY_CLIENTS, min(5.0, every), seed)
            took.extend(times)
            seed += 1

    asking = threading.Thread(target=ask)
    asking.start()
    readings: list[tuple[float, float]] = []
    begun = time.perf_counter()
    print("| minute | resident MB | questions | p50 ms |")
    print("| ---: | ---: | ---: | ---: |")
    try:
        while (minute := (time.perf_counter() - begun) / 60) <= minutes + 1e-3:
            done, took[:] = list(took), []
            readings.append((minute, server.resident()))
            p50 = f"{np.median(done):.0f}" if done else ""
            print(f"| {minute:.1f} | {readings[-1][1]:.1f} | {len(done)} | {p50} |", flush=True)
            time.sleep(every)
    finally:
        stop.set()
        asking.join()
    late = [reading for reading in readings if reading[0] >= minutes / 3]
    if len(late) > 1:
        slope = np.polyfit([minute for minute, _ in late], [megabytes for _, megabytes in late], 1)[0]
        print(f"slope after the first third: {slope:+.2f} MB a minute")


def compared(server: Served, library: Path, seconds: float) -> None:
    """Prints a row for each number of clients."""
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("| clients | questions a second | p50 ms | p95 ms | p99 ms | refused | bare a second | share of bare |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for seed, clients in enumerate(CLIENTS, start=1):
        alone = bare(library, seconds / 2, seed)
        rate, times, refused = load(server.address, clients, seconds, seed)
        p50, p95, p99 = np.percentile(times, (50, 95, 99)) if times else (float("nan"),) * 3
        row = (clients, f"{rate:.1f}", *(f"{p:.0f}" for p in (p50, p95, p99)), refused)
        print(f"| {' | '.join(map(str, row))} | {alone:.1f} | {rate / alone:.0%} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("library", type=Path, nargs="?")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    parser.add_argument("--pieces", type=int, default=0, help="make a library of so many pieces")
    parser.add_argument("--minutes", type=float, default=0.0, help="watch memory so long, and nothing else")
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two readings of memory")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.library)
        return
    with ExitStack() as stack:
        library = arguments.library
        if arguments.pieces:
            library = made(Path(stack.enter_context(tempfile.TemporaryDirectory())), arguments.pieces)
        if library is None:
            parser.error("name a library, or --pieces")
        server = stack.enter_context(served(library))
        load(server.address, 1, 2.0, 99)
        if arguments.minutes:
            steady(server, arguments.minutes, arguments.every)
        else:
            compared(server, library, arguments.seconds)


if __name__ == "__main__":
    main()
