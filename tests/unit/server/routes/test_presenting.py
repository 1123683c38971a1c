"""What the trace of a search tells a program."""

from __future__ import annotations

from sensorium.core.departures import Departure
from sensorium.core.trace import FAILED, LeftOut, Trace
from sensorium.server.routes.presenting import trace_json


def traced() -> Trace:
    trace = Trace(clock=iter([0.0, 1.0, 1.0, 3.0]).__next__)
    for name in ("plan", "recall"):
        with trace.stage(name) as counts:
            counts["visible"] = 1
    return trace


def test_the_last_stage_tells_what_was_left_out_and_what_left_the_machine() -> None:
    trace = traced()
    trace.leave_out(LeftOut(name="late", found="image", why=FAILED, error="KeyError"))
    trace.departures.append(Departure(host="a:1", piece="", medium="text", bytes=7))
    first, last = trace_json(trace)
    assert "left_out" not in first
    assert last["left_out"] == [{"name": "late", "found": "image", "why": "failed", "error": "KeyError"}]
    assert last["left"] == [{"host": "a:1", "piece": "", "medium": "text", "bytes": 7}]


def test_where_all_went_well_there_is_nothing_to_tell() -> None:
    assert [sorted(stage) for stage in trace_json(traced())] == [["counts", "milliseconds", "stage"]] * 2
