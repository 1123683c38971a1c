"""The owner's rules: their file, what it says, and what they do."""
