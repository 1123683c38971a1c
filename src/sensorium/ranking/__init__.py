"""What puts the first hits of a question into another order, and changes no score. May import: core.

A learned ranker (its features, its trees, the file it is kept in), and arrangers that a library's owner can plug in.
To add one, fit the port `Arranger` and name its factory in the entry points `sensorium.arrangers`.
"""
