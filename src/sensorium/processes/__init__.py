"""Processes for what nobody vouches for: watched, replaced and shut in. May import: core.

`WarmProcess` keeps one child process that is asked one question after the other; `Channel` is what is said to it, and
`sandbox.close` how it shuts itself in. Readers and perception bring what is asked and what an answer may look like.
"""
