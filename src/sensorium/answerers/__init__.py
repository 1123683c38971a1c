"""Evidence packs, what writes answers from them, one file each, and what checks their citations. May import: core.

To add one, fit the ports `Answerer` and `AnswererFactory` and name its class in the entry points `sensorium.answerers`.
Whatever it writes is checked by `citations` before anybody reads it.
"""
