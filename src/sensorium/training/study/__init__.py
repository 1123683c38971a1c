"""What each part of the recipe brings: the tables of `docs/quality.md`."""
