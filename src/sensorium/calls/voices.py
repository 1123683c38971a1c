"""Who speaks: the calls that name voices, list their names and erase them."""

from __future__ import annotations

from sensorium.calls.kept import Kept
from sensorium.core.errors import BadInput


class Voices(Kept):
    """The voices of recordings and films."""

    def name_speaker(self, piece: str, name: str) -> int:
        """Gives a name to who speaks in a piece, here and wherever the same voice speaks; returns in how many pieces.

        Recordings that are added later know the voice too. Raises ItemNotFound, BadInput where nobody speaks in it.
        """
        from sensorium.perception.naming import name_speaker

        self._piece(piece)
        with self._lock():
            return name_speaker(self._store, self.scope, self._store.spaces(), piece, name)

    def speakers(self) -> tuple[str, ...]:
        """The names that were given to voices, sorted."""
        from sensorium.perception.naming import speaker_names

        return speaker_names(self._store, self.scope, self._store.spaces())

    def forget_voice(self, name: str) -> int:
        """Erases a name, the voice that has it, and the name wherever it stands; returns in how many places it stood.

        The recordings stay, and what is said in them. Raises BadInput where nobody has that name.
        """
        from sensorium.perception.naming import forget_speaker

        with self._lock():
            forgotten = forget_speaker(self._store, self.scope, self._store.spaces(), name)
        if not forgotten:
            raise BadInput("nobody has this name", subject=name, remedy="run `sensorium name --list`")
        return forgotten
