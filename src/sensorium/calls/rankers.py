"""What a library learned of how to order hits: the calls that train, show and remove a ranker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sensorium.calls.searched import Searched

if TYPE_CHECKING:
    from sensorium.evaluation.encoding import Told
    from sensorium.evaluation.rankers.report import RankerReport
    from sensorium.ranking.model import RankerModel


class Rankers(Searched):
    """The learned ranker of a library; see `docs/ranking.md`."""

    def train_ranker(
        self, judgments: str | Path, *, features: Sequence[str] | None = None, told: Told | None = None
    ) -> RankerReport:
        """Learns an order of hits from judged questions, and installs it where it gains on questions held out.

        judgments: a table with the columns query, item (an id or a path) and grade (0 to 3). features: names of what it
        may know of a hit (`sensorium.ranking.features.FEATURES`, `attribute:NAME`); by default all but clicks. told:
        after each search. Needs the extra `rank`. Raises BadInput, ExtraMissing, LibraryBusy.

        The report says whether it was installed (`refusal` is empty); the one that was there stays where it was not.
        """
        from sensorium.evaluation.rankers.judgments import read_judgments
        from sensorium.evaluation.rankers.training import RankerOptions, train
        from sensorium.ranking.clicks import FEEDBACK, read_clicks
        from sensorium.ranking.features import STANDARD, checked
        from sensorium.ranking.model import FILE, write

        self._require_space()
        options = RankerOptions(
            features=checked(STANDARD if features is None else features),
            clicks=read_clicks(self.path / FEEDBACK, self.scope.tenant),
            threads=self.settings.threads,
        )
        queries = read_judgments(Path(judgments), lambda name: self.show(name).item.id)
        space = self._machine.encoder.space.id
        searcher = self._machine.searcher.plainly()
        model, report = train(queries, lambda query: searcher.search(self.scope, query), space, options, told)
        if not report.refusal:
            with self._lock():
                write(self.path / FILE, replace(model, report=report.as_json()))
        return report

    def ranker(self) -> RankerModel | None:
        """The learned ranker that is installed. Raises ModelDamaged."""
        from sensorium.ranking.model import FILE, read

        return read(self.path / FILE)

    def remove_ranker(self) -> bool:
        """Takes the learned ranker away; False where there was none."""
        from sensorium.ranking.model import FILE

        with self._lock():
            was_there = (self.path / FILE).exists()
            (self.path / FILE).unlink(missing_ok=True)
        return was_there
