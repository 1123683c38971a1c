"""The plugin `adapted`: encoders adapted to one's own domain, by the setting `adapted:FOLDER`.

What they are is told in `layered`, which the room that makes them builds upon too.
"""

from sensorium.encoders.layered import AdaptedEncoder

__all__ = ["AdaptedEncoder"]
