"""By which model a library is searched: the calls that change it, while searches go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sensorium.calls.searched import Searched
from sensorium.core.errors import BadInput, BadQuery, LibraryBusy, SensoriumError
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.reports import ModelState
from sensorium.core.scopes import EVERYTHING
from sensorium.core.spaces import KnownSpace, SpaceRole

if TYPE_CHECKING:
    from sensorium.core.ports import Encoder
    from sensorium.core.spaces import Space
    from sensorium.evaluation.promotion import Ask, JudgedQuery
    from sensorium.evaluation.tasks import Suite
    from sensorium.lifecycle.reembed import Reembedding
    from sensorium.lifecycle.reembed_change import Plan, ReembedReport, Verdict

PATIENCE_SECONDS = 0.5
"""How long one attempt waits for the writer's lock; between two of them it is seen whether to stop."""

NOT_COMPARED = "the encoder of the present space is not here, so the two were not compared"

Progress = Callable[[int, int], None]
"""Called with how many pieces of how many are done."""


def nobody(done: int, total: int) -> None:
    """Nobody asked how it gets on."""


class Models(Searched):
    """Changing the encoder of a library."""

    def reembed(  # noqa: PLR0913 - what a person may say, each by its name
        self,
        encoder: str | Encoder | None = None,
        *,
        judged: str | Path | None = None,
        from_previews: bool = False,
        keep_old: bool = True,
        force: bool = False,
        progress: Progress = nobody,
        stop: threading.Event | None = None,
    ) -> ReembedReport:
        """Goes over to another encoder: makes the vectors of all pieces anew, then switches in one transaction.

        Searches and additions go on meanwhile. Pieces keep their ids; pictures and sounds are read again from their
        files, texts are taken as they are kept. It covers the items of everybody, since one space is searched by all;
        what it tells is about those that the caller may see.

        encoder: the setting of one (`compact`, `onnx:/models/siglip`), or your own object; None makes what lacks a
        vector in the present space. judged: a suite, or a table with the columns `query` and `item`: where the new
        encoder answers these worse, no switch is made. from_previews: pictures whose file is gone are taken from their
        small pictures. keep_old: keep the old vectors, for `reembed_back`. force: switch whatever is found. stop:
        set it from another thread to end after the batch at hand; the same call goes on from there.

        The report says whether searches are by the new encoder now, and why not. Raises BadSetting, BadInput,
        ModelDamaged, GoldenMismatch.
        """
        stop = stop or threading.Event()
        present = self._store.active_space()
        made, setting = self._encoder_of(encoder, present)
        made.verify()
        judgments = None if judged is None else self._judgments(Path(judged))
        compare = partial(self._compared, made, judgments, present)
        run, plan = self._prepared(made, setting, compare=compare, previews=from_previews, stop=stop, told=progress)
        plan = replace(plan, force=force, remember=self._unnamed(present))
        report = self._changed(run, plan, made, setting, present)
        if report.switched and not keep_old and present is not None:
            report = replace(report, freed=self.drop_space(present.space.id))
        return report

    def reembed_back(
        self,
        encoder: Encoder | None = None,
        *,
        progress: Progress = nobody,
        stop: threading.Event | None = None,
    ) -> ReembedReport:
        """Goes back to the space that searches were by before; what was added since is made for it first.

        encoder: that of the space, where a program handed it over. Called twice, it is where it was. Raises BadInput
        where no space is kept to go back to.
        """
        from sensorium.lifecycle.reembed_change import Verdict

        present = self._store.active_space()
        previous = next((one for one in self._store.known_spaces() if one.is_previous), None)
        if previous is None:
            raise BadInput(
                "no earlier space is kept",
                subject=str(self.path),
                remedy="run `sensorium reembed --with NAME` with the encoder that you want",
            )
        made, setting = self._encoder_of(encoder or previous.encoder, previous)
        if made.space != previous.space:
            raise BadInput(
                f"the encoder makes {made.space.id}, and the earlier space is {previous.space.id}",
                subject=setting or made.space.name,
                remedy="name the encoder as it was by `sensorium reembed --with NAME`",
            )
        run, plan = self._prepared(
            made, setting, compare=Verdict, previews=False, stop=stop or threading.Event(), told=progress
        )
        return self._changed(run, replace(plan, force=True), made, setting, present)

    def drop_space(self, space_id: str) -> int:
        """Erases a space that searches are not by, with all its vectors; returns the bytes that the folder lost.

        Raises BadInput for the active space and for one that is not there, LibraryBusy, WriteFailed.
        """
        known = {one.space.id: one for one in self._store.known_spaces()}
        before = self._bytes_on_disk()
        with self._lock():
            if space_id in known and not known[space_id].is_active and known[space_id].role is not SpaceRole.BROUGHT:
                self._machine.indexes.remove(known[space_id].space)
            self._store.drop_space(space_id)
            self._store.scrub()
        return max(0, before - self._bytes_on_disk())

    def models(self) -> tuple[ModelState, ...]:
        """The spaces that this library has, with how much of it each covers, as far as the caller may see."""
        pieces = sum(self._store.counts(self.scope).pieces.values())
        covered = self._store.coverage(self.scope)
        return tuple(
            ModelState(known=one, vectors=covered.get(one.space.id, 0), pieces=pieces)
            for one in self._store.known_spaces()
        )

    # -- how it is done ----------------------------------------------------------------------------------------------

    def _encoder_of(self, encoder: str | Encoder | None, present: KnownSpace | None) -> tuple[Encoder, str]:
        """The encoder and the setting that makes it, "" for an object."""
        if encoder is None:
            return self._machine.encoder, self._machine.choice.setting
        if isinstance(encoder, str):
            if not encoder:
                raise BadInput(
                    "a program handed over the encoder of this space",
                    subject="" if present is None else present.space.id,
                    remedy="go back in that program, by `library.reembed_back(encoder)`",
                )
            from sensorium.lifecycle.choice import lasting

            return self._machine.load_encoder(encoder), lasting(encoder)
        return encoder, ""

    def _prepared(
        self,
        made: Encoder,
        setting: str,
        *,
        compare: Callable[[], Verdict],
        previews: bool,
        stop: threading.Event,
        told: Progress,
    ) -> tuple[Reembedding, Plan]:
        from sensorium.ingest.archives import Archives
        from sensorium.ingest.encode import read_request
        from sensorium.lifecycle.reembed import Ports, Reembedding
        from sensorium.lifecycle.reembed_change import Plan
        from sensorium.lifecycle.reembed_reading import KeptReading
        from sensorium.readers.recognise import recognise

        lock = partial(self._patient_lock, stop)
        # As `add` reads: what else is made of a file decides how large a frame or a page is drawn.
        request = read_request((made,), self._machine.perceivers, self.settings)
        reader = self._machine.reader
        ports = Ports(
            store=self._store,
            encoder=made,
            request=request,
            reading=KeptReading(
                reader=reader,
                recognise=recognise,
                request=request,
                scratch=self.path,
                previews=self._store.preview_bytes if previews else None,
            ),
            archives=Archives(unpacker=reader, scratch=self.path),
            lock=lock,
        )
        plan = Plan(
            scope=self.scope,
            store=self._store,
            space=made.space,
            setting=setting,
            lock=lock,
            persist=partial(self._machine.indexes.persist, made.space),
            compare=compare,
            share=self.settings.reembed_share,
        )
        return Reembedding(self.scope, ports, stop, told), plan

    def _changed(
        self, run: Reembedding, plan: Plan, made: Encoder, setting: str, present: KnownSpace | None
    ) -> ReembedReport:
        from sensorium.lifecycle.reembed_change import change

        report = change(run, plan, old="" if present is None else present.space.id, notes=self._notes(made))
        if plan.is_active and made is not self._machine.encoder:
            self._machine.choice.take(made, setting)
        return report

    def _notes(self, made: Encoder) -> tuple[str, ...]:
        """What the encoder could have and has not, or has not and had."""
        held = set(self._store.counts(self.scope).pieces)
        lost = sorted(held - made.modalities)
        silent = Modality.AUDIO in made.modalities and Modality.AUDIO not in held
        listened = self._store.counts(self.scope).items.keys() & {Modality.AUDIO, Modality.VIDEO}
        notes = [f"the new encoder takes no {sense}: such pieces are not found by their vectors" for sense in lost]
        if silent and listened:
            notes.append("it takes sounds, of which no pieces are kept: forget recordings and films and add them anew")
        return tuple(notes)

    @contextmanager
    def _patient_lock(self, stop: threading.Event) -> Iterator[None]:
        """The writer's lock, waited for as long as another writer needs. Raises Stopped."""
        from sensorium.ingest.encode import Stopped
        from sensorium.stores.lock import WriterLock

        lock = WriterLock(self.path, wait_seconds=PATIENCE_SECONDS)
        while True:
            if stop.is_set():
                raise Stopped
            with suppress(LibraryBusy):
                lock.__enter__()
                break
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    # -- the gate ----------------------------------------------------------------------------------------------------

    def _judgments(self, file: Path) -> Suite | tuple[JudgedQuery, ...]:
        """What is judged, read before anything is made: a mistake in it is told at once."""
        from sensorium.evaluation.promotion import read_judged
        from sensorium.evaluation.suites import read_suite

        return read_suite(file) if file.suffix == ".toml" else read_judged(file, lambda name: self._item(name).id)

    def _compared(
        self, new: Encoder, judged: Suite | tuple[JudgedQuery, ...] | None, present: KnownSpace | None
    ) -> Verdict:
        from sensorium.evaluation import promotion
        from sensorium.lifecycle.reembed_change import Verdict

        old = None if present is None else self._present_encoder(present.space)
        if old is None:
            return Verdict(note=NOT_COMPARED if judged is not None else "")
        if judged is None:
            questions = promotion.own_questions(
                lambda: self._store.items(self.scope, EVERYTHING), lambda item: self._store.pieces_of(self.scope, item)
            )
            with suppress(BadQuery):  # one of them takes no words
                return Verdict(agreement=promotion.agreement(questions, self._asking(old), self._asking(new)))
            return Verdict(note="one of the two encoders takes no words, so they were not compared")
        if isinstance(judged, tuple):
            return Verdict(compared=promotion.by_table(judged, self._asking(old), self._asking(new)))
        ports = self._machine.evaluation_ports()
        old_ports, new_ports = (replace(ports, encoder=encoder) for encoder in (old, new))
        return Verdict(compared=promotion.by_suite(judged, old_ports, new_ports))

    def _present_encoder(self, space: Space) -> Encoder | None:
        """The encoder of the present space; None where it is not here any more, as after an update of the program."""
        with suppress(SensoriumError):
            encoder = self._machine.of_this_moment().encoder
            return encoder if encoder.space == space else None
        return None

    def _unnamed(self, present: KnownSpace | None) -> tuple[Space, str] | None:
        """The present space with the setting that makes it here, where it was filled by an object or an old version."""
        setting = self._machine.choice.setting
        if present is None or present.encoder or not setting or self._present_encoder(present.space) is None:
            return None
        return present.space, setting

    def _asking(self, encoder: Encoder) -> Ask:
        """How this caller asks in the space of that encoder, whether searches are by it yet or not."""
        searcher = self._machine.searcher_by(encoder)

        def ask(text: str, k: int) -> Sequence[str]:
            query = Query(parts=(QueryPart(modality=Modality.TEXT, content=text),), k=k, per_item=1)
            return [hit.item.id for hit in searcher.search(self.scope, query)]

        return ask

    def _bytes_on_disk(self) -> int:
        return sum(entry.stat().st_size for entry in self.path.rglob("*") if entry.is_file())
