"""What the server tells of itself: logs, metrics, traces, the health of its index."""
