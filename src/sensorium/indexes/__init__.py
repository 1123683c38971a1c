"""Nearest neighbours over what the store holds, and how an index file is kept in step with the store.

An adapter is one file with an `IndexFactory` and its `VectorIndex`. May import: core. To add one, fit those two ports,
run `sensorium.testing.index_contract` over it and name the factory in the entry points `sensorium.indexes`.
"""
