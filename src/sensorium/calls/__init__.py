"""The calls of a library, grouped by what they are for; `Library` inherits them all and joins them.

May import: machine and every room below it.
"""
