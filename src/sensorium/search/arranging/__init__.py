"""Arranging: what happens to a list between fusing and showing it.

A learned ranker, the owner's rules, folds of near duplicates, diversity, sort, in this order. It works on verified hits
alone, so what a caller can not see moves nothing. To add a stage, write a module with one function from hits to hits
and call it in `stage.py`.
"""
