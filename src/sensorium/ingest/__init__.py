"""discover -> read -> encode -> commit. Knows ports, never an adapter. May import: core, govern."""
