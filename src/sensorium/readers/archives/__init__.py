"""Archives as folders, and containers opened under limits."""
