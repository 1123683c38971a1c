"""What is shown of a hit: the page or frame it stands on, a clip of it, what is seen in it."""
