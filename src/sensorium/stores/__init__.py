"""The truth: items, pieces, vectors, rights, and the writer's lock.

`sqlite.py` is the adapter; the modules beside it hold one subject of it each: `connection` (transactions), `schema/`
and `migrations`, `visibility` (scope and filter as SQL), `rows` (records to and from columns), `writing`, `reading`,
`sources`, `vectors`, `details`, `health`. May import: core. To add a store, fit the ports `ItemStore`, `DetailStore`,
`SourceStore` and `VectorStore`, run the store contracts of `sensorium.testing` over it and name it in the entry points
`sensorium.stores`.
"""
