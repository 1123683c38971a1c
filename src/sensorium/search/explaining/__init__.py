"""Why each hit is a hit: facts gathered, told in sentences and in numbers."""
