"""A whole library measured: every stage of its searches."""
