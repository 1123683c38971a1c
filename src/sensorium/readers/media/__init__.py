"""Recordings and films: sound in windows, films in shots, what is written under them."""
