"""Models that hear and read what contents say: contents -> further pieces. May import: core.

Speech is written down by `speech`, after `voice_activity` has told where somebody speaks; `speakers` tells voices
apart. Writing is read off pictures by the modules whose names begin with `writing`. A model is one file; what its
extra or its weights are missing for, it says in a typed error, and then this sense is left out and said to be.
"""
