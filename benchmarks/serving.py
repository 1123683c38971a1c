"""`python -m benchmarks.serving LIBRARY`: questions a second of a server on loopback, against what it stands on, bare.

Bare is the same encoder and a FAISS index of the same vectors, called in a loop by one thread: no store, no rights, no
closer look, no pictures, no HTTP. Server and clients are processes of their own; every question is asked once, so that
no answer is remembered. Both are measured in turns.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

CLIENTS = (1, 8, 32, 128)
K = 10
SUBJECTS = ("a dog", "two children", "an old house", "a red car", "the sea", "a song", "a bird", "rain", "bread")
DOINGS = ("in the snow", "at night", "near a river", "on a table", "by the window", "in summer", "far away", "in town")


def questions(seed: int, count: int) -> list[str]:
    """As many questions, none of them asked under another seed."""
    pairs = itertools.cycle(itertools.product(SUBJECTS, DOINGS))
    return [
        f"{subject} {doing} number {seed * 100_000 + n}"
        for n, (subject, doing) in zip(range(count), pairs, strict=False)
    ]


@contextmanager
def served(library: Path) -> Iterator[str]:
    """The address of a server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.serving", str(library), "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


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
    asked = questions(seed, 100_000)
    encoder.encode(Modality.TEXT, asked[-1:], "query")
    begun, done = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        index.search(encoder.encode(Modality.TEXT, [asked[done]], "query"), K)
        done += 1
    return done / (time.perf_counter() - begun)


def load(address: str, clients: int, seconds: float, seed: int) -> tuple[float, list[float], int]:
    """Questions a second, the milliseconds of each, and how many were refused, with so many clients at once."""
    host = urlsplit(address).netloc
    asked, lock = iter(questions(seed, 100_000)), threading.Lock()
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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.library)
        return
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("| clients | questions a second | p50 ms | p95 ms | p99 ms | refused | bare a second | share of bare |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with served(arguments.library) as address:
        load(address, 1, 2.0, 99)  # the models are loaded
        for seed, clients in enumerate(CLIENTS, start=1):
            alone = bare(arguments.library, arguments.seconds / 2, seed)
            rate, times, refused = load(address, clients, arguments.seconds, seed)
            p50, p95, p99 = np.percentile(times, (50, 95, 99)) if times else (float("nan"),) * 3
            row = (clients, f"{rate:.1f}", *(f"{p:.0f}" for p in (p50, p95, p99)), refused)
            print(f"| {' | '.join(map(str, row))} | {alone:.1f} | {rate / alone:.0%} |", flush=True)


if __name__ == "__main__":
    main()
