"""Nearest neighbours over what the store holds, one file an index. May import: core."""
