"""The tower of sounds: its data, its head, its curves."""
