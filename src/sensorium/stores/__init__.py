"""The truth: items, pieces, vectors, rights; one file a database. May import: core."""
