"""plan -> recall -> guard -> calibrate -> fuse -> present. Knows ports, never an adapter. May import: core, govern."""
