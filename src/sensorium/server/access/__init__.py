"""Who asks, what they may, and what every request passes first."""
