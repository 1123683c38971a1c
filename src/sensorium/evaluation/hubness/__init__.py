"""Answers that are near to every question: how many, and what correcting them gains."""
