"""Pieces and questions -> unit vectors of one space, one file an encoder. May import: core."""
