"""plan -> recall -> guard -> calibrate -> fuse -> present. Knows ports, never an adapter. May import: core, govern.

The rooms inside make questions of what callers say, and tell of the hits.
"""
