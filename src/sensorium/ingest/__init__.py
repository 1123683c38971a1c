"""discover -> read -> encode -> commit. Knows ports, never an adapter. May import: core, govern.

`discover` walks, `sidecars` puts films and their subtitles together, `examine` opens, hashes and reads one file
(`opening`) or what is in an archive (`archives`), `ahead` does that in a thread of its own. `known` is what the library
knew before, `ledger` judges what each file means for that, `encode` turns documents into additions, `pipeline` joins
them.
A new kind of file is a new reader and changes nothing here.
"""
