"""Untrusted bytes -> pieces, one file a medium, run in a guarded child process. May import: core."""
