"""Contract suites that every adapter of a port passes, and stand-ins for tests: for plugin authors and for us.

Needs pytest. May import: everything; nothing may import it.
"""
