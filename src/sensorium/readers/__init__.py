"""Untrusted bytes -> pieces, one file a medium, run in a guarded child process. May import: core.

`recognise` tells what a file is and `guarded.SandboxedReader` reads it: these two run in the parent and load no
decoder. `worker` is the child, `sandbox` and `limits` shut it in, `wire` and `channel` carry questions and answers.
To add a medium, write one file with a class that fits `core.ports.Reader`, register it under the entry point
`sensorium.readers`, and teach `recognise` its signature; it needs no thread, no path and no network.
"""
