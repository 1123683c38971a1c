"""Measures, suites and reports of retrieval quality. May import: core, search, ingest.

A suite file becomes a `Suite` of `Task`s (`suites.py`, one module a kind in `kinds/`). Its entries are read and encoded
by the product's own reader and encoder (`reading.py`, `encoding.py`), ranked by its own index (`ranking.py`), judged
(`measures.py`, `intervals.py`). What is told of it is a report with `as_json()` and `str()`; two saved reports are
compared by `comparison.py`; `system_run.py` asks a whole library. To add a kind of suite, add a module in `kinds/`.
"""
