"""What keeps a library well as it ages: the doctor, and the change of its encoder. May import: core, ingest, search."""
