"""What the server counts, in the form that Prometheus reads."""

from __future__ import annotations

import math

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from sensorium.core.reports import IndexFigures
from sensorium.core.trace import Trace

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds. Half of the searches of a small library end below 0.05."""


INDEX = {
    "vectors": "Vectors in the index.",
    "recall": "Share of the true ten nearest that it finds, on a sample.",
    "deleted_share": "Share of its file that was erased since.",
    "lag": "Changes of the library that it has not seen.",
    "file_lag": "Changes of the library that its file has not seen.",
}
"""Figures of an index: names of `IndexFigures`, and what they are."""


class Metrics:
    """Counts of one server, in a registry of its own. Labels are routes, methods, statuses and stages: nothing that a
    caller wrote."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "sensorium_request_seconds",
            "Time to the end of an answer.",
            ("route", "method", "status"),
            registry=self.registry,
            buckets=BUCKETS,
        )
        self._stages = Histogram(
            "sensorium_stage_seconds",
            "Time of a stage of a search.",
            ("stage",),
            registry=self.registry,
            buckets=BUCKETS,
        )
        self._parts = Histogram(
            "sensorium_search_part_seconds",
            "Time of one route or one closer look inside the stages of a search.",
            ("part",),
            registry=self.registry,
            buckets=BUCKETS,
        )
        self._remembered = Counter(
            "sensorium_remembered",
            "Answers and vectors that were remembered or not.",
            ("what", "found"),
            registry=self.registry,
        )
        self.in_work = Gauge("sensorium_requests_in_work", "Requests in work or waiting.", registry=self.registry)
        self.generation = Gauge("sensorium_generation", "Changes of the library so far.", registry=self.registry)
        self.jobs = Gauge("sensorium_jobs", "Jobs by state.", ("state",), registry=self.registry)
        self._index = {
            name: Gauge(f"sensorium_index_{name}", sentence, ("space",), registry=self.registry)
            for name, sentence in INDEX.items()
        }
        self.batches = Histogram(
            "sensorium_encoded_together",
            "Questions that were encoded together.",
            registry=self.registry,
            buckets=(1, 2, 4, 8, 16, 32, 64),
        )

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request. status: 0 where the caller went away."""
        self._requests.labels(route, known_method(method), str(status)).observe(seconds)

    def searched(self, trace: Trace) -> None:
        """The stages of one search, and the routes and closer looks inside them."""
        for stage in trace.stages:
            self._stages.labels(stage.name).observe(stage.seconds)
        for part in trace.within:
            self._parts.labels(part.name).observe(part.seconds)

    def indexed(self, figures: IndexFigures) -> None:
        """How the index of a space does. A recall that could not be taken is NaN, as Prometheus wants it."""
        for name, gauge in self._index.items():
            value = getattr(figures, name)
            gauge.labels(figures.space_id).set(math.nan if value is None else value)

    def looked_up(self, what: str, found: bool) -> None:
        """A look into a memory: of "answer" or "vector"."""
        self._remembered.labels(what, "yes" if found else "no").inc()

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self.registry)


def known_method(method: str) -> str:
    """The method, or "other" for one that a caller made up.

    >>> known_method("GET"), known_method("BREW")
    ('GET', 'other')
    """
    return method if method in ("GET", "HEAD", "POST", "PUT", "DELETE") else "other"
