"""Plain typed data that every room shares: records, ports, spaces, errors, settings, trace.

Nothing here reads a file, opens a connection or loads a model. May import: the standard library and numpy.
To add a record, put it into the module of its subject; to add a port, put it into `ports.py`, so that one page
shows the whole machine.
"""
