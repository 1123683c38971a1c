"""What keeps a library well as it ages: for now, the doctor. May import: core, ingest, search."""
