"""Measures, suites and reports of retrieval quality. May import: core, search, ingest.

`measures.py` turns ranks into figures; each suite is a file that brings its data, asks the product's own encoder and
index, and hands back a report with `as_json()` and `str()`. To add a suite, add such a file.
"""
