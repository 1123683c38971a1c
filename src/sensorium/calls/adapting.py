"""One's own domain: the calls that adapt an encoder to pairs, and tell which adapters knew an item."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sensorium.calls.kept import Kept
from sensorium.core.receipts import CATALOGUE

if TYPE_CHECKING:
    from sensorium.adapting.learn import Recipe
    from sensorium.adapting.pairs import Columns
    from sensorium.adapting.train import TrainReport, Watching

ADAPTED = "adapted:"
"""What the setting of an adapted encoder begins with; then its folder."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Adapting(Kept):
    """Encoders adapted to pairs of pictures and texts; see `docs/adapting.md`."""

    def train(  # noqa: PLR0913 - what to learn from, how, and what must stay good, each by its name
        self,
        pairs: str | Path,
        out: str | Path,
        *,
        base: str = "compact",
        columns: Columns | None = None,
        recipe: Recipe | None = None,
        protect: Sequence[str | Path] = (),
        without_doubtful: bool = False,
        force: bool = False,
        watching: Watching | None = None,
    ) -> TrainReport:
        """Adapts an encoder to pairs and writes it to the folder `out`; adds nothing to this library.

        pairs: a tab separated table with the columns image and text, or, with `columns`, a catalogue. base: the setting
        of the encoder that is adapted. protect: suite files on which it must not be surely worse than its base.
        without_doubtful: leave out pairs that are less alike than chance. force: write it whatever the gate says.

        Use it by the setting `encoder=adapted:FOLDER`. The report's `refusal` says why nothing was written. Raises
        BadInput, BadSetting, WriteFailed; `ingest.encode.Stopped` where `watching.stop` ends it before it learns.
        """
        from dataclasses import replace

        from sensorium.adapting.learn import Recipe
        from sensorium.adapting.pairs import read_catalogue, read_pairs
        from sensorium.adapting.train import TrainOptions, Watching, train
        from sensorium.readers.parquet import records

        path = Path(pairs)
        file = read_catalogue(path, columns, self.settings, records) if columns else read_pairs(path, self.settings)
        ports = replace(self._machine.evaluation_ports(), encoder=self._machine.load_encoder(base))
        options = TrainOptions(
            out=Path(out).absolute(),
            base=base,
            recipe=recipe or Recipe(),
            protect=tuple(Path(suite) for suite in protect),
            without_doubtful=without_doubtful,
            force=force,
            settings=self.settings,
        )
        return train(file, ports, options, watching or Watching())

    def affected_by(self, item: str, folders: Collection[str | Path]) -> list[Path]:
        """Those of these folders, and of those directly in them, that hold an adapted encoder which learned of an item.

        item: an item's id or path, a file that is here, or the sha256 of one, which need not be here any more. Raises
        ItemNotFound.
        """
        from sensorium.adapting.folder import adapted_below, affected_by

        hashes, sources = self._traces(item)
        found = dict.fromkeys(path for folder in folders for path in adapted_below(Path(folder)))
        return affected_by(list(found), hashes, sources)

    def adapter_note(self, item: str) -> str:
        """What is told when an item is forgotten that an encoder of this library learned of; "" where none did."""
        settings = {self.settings.encoder, *(known.encoder for known in self._store.known_spaces())}
        folders = sorted(said.removeprefix(ADAPTED) for said in settings if said.startswith(ADAPTED))
        affected = self.affected_by(item, folders) if folders else []
        if not affected:
            return ""
        names = ", ".join(path.name for path in affected)
        return f"adapted encoders learned of it: {names}; train them anew without it (`sensorium train`)"

    def _traces(self, item: str) -> tuple[set[str], set[str]]:
        """What lineages may know an item by: hashes of files, and sources."""
        if _SHA256.fullmatch(item):
            return {item}, set()
        path = Path(item)
        if not item.startswith(CATALOGUE) and path.is_file():
            with path.open("rb") as file:
                return {hashlib.file_digest(file, "sha256").hexdigest()}, set()
        view = self.show(item)
        return {view.item.lineage.content_hash}, set(view.sources)
