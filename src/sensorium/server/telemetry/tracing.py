"""Traces for OpenTelemetry: a span for each request, and below it one for each stage of a search. Extra `otel`.

Nothing is made, imported or sent unless an address was named. A span carries what the log does: route, status, times,
counts of visible pieces; neither words of questions nor ids of items.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sensorium.core.errors import ExtraMissing
from sensorium.core.trace import Trace

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

NANO = 1_000_000_000


@dataclass(slots=True)
class Span:
    """What became of a request, filled in while it is under way."""

    route: str = ""
    method: str = ""
    status: int = 0


class Tracing:
    """Makes spans. tracer: None makes none."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self._tracer = tracer
        self._provider: Any = None

    @classmethod
    def to(cls, url: str) -> Tracing:
        """Sends spans to `url`, by OTLP over HTTP, in batches. Raises ExtraMissing."""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            remedy = "install the extra: pip install 'sensorium[otel]'"
            raise ExtraMissing(f"{error.name} is not installed", subject="traces", remedy=remedy) from None
        provider = TracerProvider(resource=Resource.create({"service.name": "sensorium"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
        tracing = cls(provider.get_tracer("sensorium"))
        tracing._provider = provider
        return tracing

    @contextmanager
    def request(self, headers: Mapping[str, str], request_id: str) -> Iterator[Span]:
        """A span around a request, below the caller's own where `traceparent` names one (W3C Trace Context)."""
        told = Span()
        if self._tracer is None:
            yield told
            return
        from opentelemetry.trace import SpanKind, Status, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        context = TraceContextTextMapPropagator().extract({"traceparent": headers.get("traceparent", "")})
        with self._tracer.start_as_current_span(
            "request", context, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield told
            finally:
                span.update_name(f"{told.method} {told.route}")
                span.set_attribute("http.request.method", told.method)
                span.set_attribute("http.route", told.route)
                span.set_attribute("http.response.status_code", told.status)
                span.set_attribute("sensorium.request_id", request_id)
                if told.status >= 500 or not told.status:
                    span.set_status(Status(StatusCode.ERROR))

    def searched(self, trace: Trace) -> None:
        """A span for each stage of a search that has just ended; they followed each other."""
        if self._tracer is None:
            return
        end = time.time_ns() - sum(int(stage.seconds * NANO) for stage in trace.stages)
        for stage in trace.stages:
            start, end = end, end + int(stage.seconds * NANO)
            counts = {f"sensorium.{name}": count for name, count in stage.counts.items()}
            self._tracer.start_span(f"search {stage.name}", start_time=start, attributes=counts).end(end)

    def close(self) -> None:
        """Sends what is left."""
        if self._provider is not None:
            self._provider.shutdown()
