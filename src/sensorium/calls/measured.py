"""How well a library works: the calls of `Library` that measure it."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sensorium.calls.searched import Searched
from sensorium.core.errors import BadInput
from sensorium.core.receipts import Receipt
from sensorium.core.reports import IndexFigures, LibraryInfo
from sensorium.core.scopes import Filter

if TYPE_CHECKING:
    from sensorium.evaluation.answered import Answered, Asking, Captioned
    from sensorium.evaluation.bias import BiasReport
    from sensorium.evaluation.calibration import CalibrationReport
    from sensorium.evaluation.encoding import Told
    from sensorium.evaluation.hubness.report import HubOptions, HubReport
    from sensorium.evaluation.mteb import MtebModel
    from sensorium.evaluation.pairs import PairsReport
    from sensorium.evaluation.robustness.report import RobustReport
    from sensorium.evaluation.robustness.run import RobustOptions
    from sensorium.evaluation.suite_run import Evaluated
    from sensorium.evaluation.system.report import SystemReport
    from sensorium.evaluation.system.run import Whole


class Measured(Searched):
    """What is measured through the calls of a library."""

    @abstractmethod
    def add(self, *paths: str | Path) -> Receipt:
        """As `Library.add`."""

    @abstractmethod
    def info(self) -> LibraryInfo:
        """As `Library.info`."""

    def evaluate_pairs(self, folder: str | Path, split: str, *, told: Told | None = None) -> PairsReport:
        """How well this library's encoder and index find the captioned pictures in `folder`; adds nothing to it.

        folder: holds `images/` and `captions_SPLIT.tsv` with the columns image and caption. told: called after each
        batch with how many contents of how many are encoded. Raises BadInput.
        """
        from sensorium.evaluation.pairs import evaluate_pairs

        return evaluate_pairs(Path(folder), split, self._machine.evaluation_ports(), told)

    def evaluate_suite(self, file: str | Path, *, told: Told | None = None) -> Evaluated:
        """How well this library's encoder and index answer the suite that `file` describes; adds nothing to it.

        The answer holds a report and the rankings behind it. told: as for `evaluate_pairs`. Raises BadInput,
        ExtraMissing.
        """
        from sensorium.evaluation.suite_run import evaluate_suite
        from sensorium.evaluation.suites import read_suite

        return evaluate_suite(read_suite(Path(file)), self._machine.evaluation_ports(), told)

    def evaluate_system(
        self, file: str | Path, task: str = "", *, most: int = 1_000, told: Told | None = None
    ) -> SystemReport:
        """What each stage of a search does to the answers of a suite, and how long it takes.

        This library has to be empty: it is given what the task asks of. task: its name, the first by default. most:
        queries that are asked. told: called after each search with what is done and what there is. Raises BadInput,
        ExtraMissing.
        """
        from sensorium.evaluation.suites import read_suite
        from sensorium.evaluation.system.run import evaluate_system

        return evaluate_system(read_suite(Path(file)), task, self._whole(), most=most, told=told)

    def answered(self, data: Captioned, asking: Asking, *, told: Told | None = None) -> Answered:
        """What comes back from this library, which has to be empty, when it is filled with captioned pictures and asked
        everything that they know the answer to. told: after each question. Raises BadInput."""
        from sensorium.evaluation.answered import Product, answered

        product = Product(
            folder=self.path,
            is_empty=not any(self.info().items.values()),
            add=self.add,
            ask=self.ask,
            picture=lambda path: self._machine.picture_reading().read(path)[0],
        )
        return answered(data, product, asking, told)

    def evaluate_calibration(
        self,
        folder: str | Path,
        split: str,
        *,
        rerank: bool | None = None,
        hubness: bool | None = None,
        told: Told | None = None,
    ) -> CalibrationReport:
        """How far this library's scores, and its word that nothing matches, can be believed. It has to be empty.

        folder, split: as for `evaluate_pairs`. rerank, hubness: as for `search`. told: as for `answered`. Raises
        BadInput.
        """
        from sensorium.evaluation.calibration import LISTED, evaluate_calibration

        asking = replace(LISTED, rerank=rerank, hubness=hubness)
        asks = partial(self.answered, asking=asking, told=told)
        return evaluate_calibration(Path(folder), split, asks, space_id=self._machine.encoder.space.id)

    def evaluate_robust(self, folder: str | Path, options: RobustOptions, *, told: Told | None = None) -> RobustReport:
        """How well captions find their pictures when either is damaged; adds nothing to this library.

        folder, told: as for `evaluate_pairs`. Raises BadInput.
        """
        from sensorium.evaluation.robustness.run import evaluate_robust

        return evaluate_robust(Path(folder), options, self._machine.evaluation_ports(), told)

    def evaluate_hubs(self, folder: str | Path, options: HubOptions, *, told: Told | None = None) -> HubReport:
        """Which pictures are near to every caption, and what setting them back gains; adds nothing to this library.

        folder, told: as for `evaluate_pairs`. Raises BadInput.
        """
        from sensorium.evaluation.hubness.report import evaluate_hubs

        return evaluate_hubs(Path(folder), options, self._machine.evaluation_ports(), told)

    def evaluate_bias(self, queries: str | Path, groups: str | Path, *, k: int = 10) -> BiasReport:
        """Whether searches of this library show groups of its items as often as they are there.

        queries: a table with the column `query`. groups: a table with the columns `item`, an id or a path, and
        `group`; only these items are searched. k: how many hits of each query are looked at. Raises BadInput.
        """
        from sensorium.evaluation.bias import audit
        from sensorium.evaluation.bias_tables import labelled_search, read_groups, read_queries

        group_of = read_groups(Path(groups), lambda name: self.show(name).item.id)
        return audit(read_queries(Path(queries)), group_of, k, labelled_search(self.ask, group_of, k))

    def index_figures(self) -> IndexFigures:
        """How the index does: recall against all products on a sample of what this caller sees, what it holds too much,
        how far it lags. Reads all vectors once. Raises SpaceMismatch."""
        from sensorium.evaluation.index_health import index_figures

        self._require_space()
        space = self._machine.encoder.space
        visible = self._store.visible_keys(self.scope, Filter(), space.id)
        return index_figures(self._machine.indexes.current(space), self._store, space, visible.tolist())

    def mteb_model(self) -> MtebModel:
        """This library's encoder and reader as a model that `mteb.evaluate` takes; needs the extra `mteb`.

        It lives as long as this library is open, and adds nothing to it.
        """
        from sensorium.evaluation.mteb import MtebModel

        return MtebModel(self._machine.evaluation_ports())

    def _whole(self) -> Whole:
        from sensorium.evaluation.system.run import Whole

        if any(self.info().items.values()):
            raise BadInput("it holds items", subject=str(self.path), remedy="name a library that is empty")
        self._require_space()
        space = self._machine.encoder.space
        return Whole(
            ports=self._machine.evaluation_ports(),
            folder=self.path.with_name(self.path.name + ".texts"),
            add=self.add,
            ask=self.ask,
            sources=partial(self._store.sources_of, self.scope),
            index=partial(self._machine.indexes.current, space),
            changes=partial(self._store.changes, space.id, 0),
            pieces=partial(self._store.pieces, self.scope, Filter()),
        )
