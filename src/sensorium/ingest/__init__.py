"""discover -> read -> encode -> commit. Knows ports, never an adapter. May import: core, govern.

`discover` walks, `examine` opens, hashes and reads one file, `ahead` does that in a thread of its own, `ledger` judges
what each file means for what the library knows, `encode` turns documents into additions, `pipeline` joins them.
A new kind of file is a new reader and changes nothing here.
"""
