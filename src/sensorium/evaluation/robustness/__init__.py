"""How well is found what is damaged: pictures, sounds, queries."""
