"""Learned rankers: judgments in, trees out, and what they gain on questions that they were not trained on."""
