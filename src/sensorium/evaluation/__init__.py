"""Measures, suites and reports of retrieval quality. May import: core, ingest, search."""
