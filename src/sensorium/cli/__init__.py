"""The same calls as the library's, for a shell. May import: library, core."""
