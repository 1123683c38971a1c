"""The library a user holds: the one place that joins the rooms. It holds no logic that a room could hold."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sensorium import plugins
from sensorium.core.answers import Answer
from sensorium.core.errors import BadInput, BadQuery, ItemNotFound, Refused, SpaceMismatch
from sensorium.core.items import Aspect, Clip, Item, Modality, Piece, Preview
from sensorium.core.queries import Query, QueryPart
from sensorium.core.receipts import CATALOGUE, Outcome, Receipt, ReceiptLine, Refusal
from sensorium.core.reports import Diagnosis, ItemView, LibraryInfo
from sensorium.core.results import Hit
from sensorium.core.scopes import Filter, Scope
from sensorium.core.settings import PREFIX, Settings
from sensorium.machine import Machine
from sensorium.measured import Measured
from sensorium.present.results import ShownResults

if TYPE_CHECKING:
    from sensorium.core.answers import Form, Pack, Sentence
    from sensorium.core.attributes import Kind
    from sensorium.core.facets import Facets
    from sensorium.core.ports import Encoder, ProgressListener
    from sensorium.ingest.options import IngestOptions
    from sensorium.search.where import Where
    from sensorium.stores.sqlite import SqliteStore

STORE = "sqlite"


def default_path() -> Path:
    """`$SENSORIUM_LIBRARY`, else a folder of the user where the system keeps data."""
    named = os.environ.get(PREFIX + "LIBRARY")
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_data_path("sensorium") / "library"


def open(
    path: str | Path | None = None,
    *,
    scope: Scope | None = None,
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    create: bool = True,
) -> Library:
    """The library in the folder `path`, made if it is not there.

    path: None takes `default_path()`. scope: who asks; by default the person at this machine. settings: by default
    those of the environment. encoder: your own, in place of the one that the settings name. create: False raises
    LibraryNotFound where there is no library.

    Raises LibraryTooNew, StoreDamaged, WriteFailed, BadSetting.

    >>> import tempfile
    >>> with open(tempfile.mkdtemp()) as library:
    ...     len(library.search("two dogs in the snow"))
    0
    """
    settings = settings or Settings.from_environment()
    folder = Path(path) if path is not None else default_path()
    store = plugins.load("sensorium.stores", STORE).open(folder, create=create)
    return Library(folder, store, scope=scope or Scope.local_owner(), settings=settings, encoder=encoder)


class Library(Measured):
    """Everything that was added, found by meaning. Made by `sensorium.open`; close it, or use it in a `with` block.

    Searching is safe from several threads and processes, while one of them adds.
    """

    def __init__(
        self, path: Path, store: SqliteStore, *, scope: Scope, settings: Settings, encoder: Encoder | None = None
    ) -> None:
        self.path = path
        self.scope = scope
        self.settings = settings
        self._store = store
        self._machine = Machine(path=path, store=store, scope=scope, settings=settings, given_encoder=encoder)

    # -- what users do -----------------------------------------------------------------------------------------------

    def add(
        self,
        *paths: str | Path,
        prune: bool = False,
        archives: bool = False,
        progress: ProgressListener | None = None,
        stop: threading.Event | None = None,
    ) -> Receipt:
        """Adds files and all files below folders; what is known and unchanged is skipped.

        prune: forget known files below `paths` that are not there any more. archives: open archives (zip, tar, and what
        gzip, bzip2 or xz packed) as folders; without it each is refused. progress: told how it gets on. stop: set it
        from another thread to end after the batch at hand; what was acknowledged is kept.

        Raises BadInput when a path does not exist, LibraryBusy when another process is writing.
        """
        from sensorium.ingest.pipeline import add

        with self._writing():
            options = self._ingest_options(progress, stop, prune=prune, archives=archives)
            receipt = add(self.scope, self._machine.ingest_ports(), paths, options)
            if receipt.of(Outcome.FORGOTTEN):
                self._store.scrub()
            return receipt

    def add_catalogue(  # noqa: PLR0913 - what a catalogue's columns mean, each by its name
        self,
        path: str | Path,
        *,
        key: str,
        images: Sequence[str] = (),
        title: str | None = None,
        texts: Sequence[str] | None = None,
        types: Mapping[str, Kind | str] | None = None,
        name: str | None = None,
        folder: str | Path | None = None,
        prune: bool = False,
        progress: ProgressListener | None = None,
        stop: threading.Event | None = None,
    ) -> Receipt:
        """Adds the rows of a CSV, JSON or JSON lines file as items, whose columns can be filtered by and counted.

        key: the column that tells rows apart: a row that is known by it is changed, without encoding it anew where only
        facts such as a price change. images: columns of paths of pictures. title: the column that names a row. texts:
        columns that are found by meaning, by default all texts. types: kinds of columns where what is inferred is not
        meant: text, number, date, boolean, list or point. name: of the catalogue, by default its path; give one where a
        file of another name brings the same rows. folder: where pictures lie, by default beside the file. prune: forget
        rows that are not in the file any more.

        The receipt has a line for each row, and notes what each column was taken for. Raises BadInput, LibraryBusy.
        """
        from sensorium.ingest.catalogue import CatalogueForm, add_catalogue

        form = CatalogueForm(
            key=key,
            images=tuple(images),
            title=title,
            texts=None if texts is None else tuple(texts),
            types=types or {},
            name=name,
            folder=None if folder is None else Path(folder),
        )
        with self._writing():
            options = self._ingest_options(progress, stop, prune=prune)
            ports = self._machine.ingest_ports()
            receipt = add_catalogue(self.scope, ports, self._store, Path(path), form, options)
            if receipt.of(Outcome.FORGOTTEN):
                self._store.scrub()
            return receipt

    def retry(self, *, progress: ProgressListener | None = None, stop: threading.Event | None = None) -> Receipt:
        """Tries again every file that was refused."""
        from sensorium.ingest.pipeline import retry

        with self._writing():
            return retry(self.scope, self._machine.ingest_ports(), self._ingest_options(progress, stop))

    def search(  # noqa: PLR0913 - what a person may say, each by its name
        self,
        text: str | None = None,
        *,
        image: str | Path | None = None,
        like: Sequence[str | Path] = (),
        spoken: str | Path | None = None,
        text_weight: float = 1.0,
        image_weight: float = 1.0,
        exclude: Sequence[str] = (),
        like_pieces: Sequence[str] = (),
        unlike_pieces: Sequence[str] = (),
        modalities: Collection[Modality | str] | None = None,
        aspects: Collection[Aspect | str] | None = None,
        speakers: Collection[str] | None = None,
        where: Where | None = None,
        k: int = 10,
        per_item: int = 1,
        rerank: bool | None = None,
        hubness: bool | None = None,
    ) -> ShownResults:
        """The `k` pieces that fit best, over all modalities in one list.

        text: what to look for. image: path of a picture to look for, alone or with the text. like: paths of files of
        any kind to look for: a sound, a clip, a page. spoken: path of a recording of a question, which stands for its
        words. text_weight, image_weight: how much words count, and files. exclude: texts that the hits should not be
        like. like_pieces, unlike_pieces: ids of pieces that a search showed, to find more like them or less.
        modalities: kinds of items, aspects: of their pieces, speakers: names of who speaks, where to look;
        everywhere by default. where: what must hold of the items' attributes, in the filter language
        (`price < 50 and not sold`), as a predicate or as JSON. per_item: most hits of one item, 0 for no limit.
        rerank: look closer at the best candidates. hubness: set back what is near to every question. None leaves these
        two to the settings.

        Raises BadQuery, BadInput for a file's path, a `Refused` for a file that can not be read, ExtraMissing for
        speech without what hears it.
        """
        from sensorium.search.question import NOT_LIKE, Asked, Readings, question
        from sensorium.search.where import resolved

        asked = Asked(
            text=text if spoken is None else " ".join(filter(None, (text, self.transcript(spoken)))),
            image=image,
            like=like,
            text_weight=text_weight,
            image_weight=image_weight,
            exclude=exclude,
            known=[*self._kept(like_pieces, 1.0), *self._kept(unlike_pieces, NOT_LIKE)],
            modalities=modalities,
            aspects=aspects,
            speakers=speakers,
            where=resolved(where, self.scope, self._store),
            k=k,
            per_item=per_item,
            rerank=rerank,
            hubness=hubness,
        )
        readings = Readings(picture=self._machine.picture_reading, file=self._machine.file_reading)
        query, picture = question(asked, readings, self.settings)
        return replace(self.ask(query), picture=picture)

    def answer(
        self, question: str, *, form: Form | str = "answer", stop: threading.Event | None = None, **narrowed: Any
    ) -> Answer:
        """An answer to a question from what is here, each sentence with what it stands on; see `docs/answers.md`.

        form: "answer", "brief", "summary", "comparison" or "table". stop: set it from another thread to end early.
        narrowed: arguments of `search` that say where to look. Nothing leaves the machine unless the setting
        `answer_url` names a server. Raises what `search` raises, AnswerFailed.
        """
        *_, answer = self.answer_stream(question, form=form, stop=stop, **narrowed)
        assert isinstance(answer, Answer)  # the last event
        return answer

    def answer_stream(
        self, question: str, *, form: Form | str = "answer", stop: threading.Event | None = None, **narrowed: Any
    ) -> Iterator[Pack | Sentence | Answer]:
        """The same as it comes: the evidence, each sentence once it is checked, at last the whole answer."""
        from sensorium.answerers.asking import Asking, ask
        from sensorium.answerers.pack import Budget, Telling

        settings = self.settings
        budget = Budget(characters=settings.answer_characters, pieces=settings.answer_pieces)
        narrowed = {"k": settings.answer_pieces, "per_item": 0, **narrowed}
        asking = Asking(
            search=lambda words: self.search(words, **narrowed).hits,
            telling=Telling(
                pieces=lambda item: self._store.pieces_of(self.scope, item), seen=lambda item: self.describe(item).seen
            ),
            encoder=self._machine.encoder,
            answerer=self._machine.answerer(),
            budget=budget,
            hops=settings.answer_hops,
            stop=stop or threading.Event(),
        )
        return ask(question, form, asking)

    def facets(
        self,
        *,
        where: Where | None = None,
        fields: Sequence[str] | None = None,
        text: str | None = None,
        modalities: Collection[Modality | str] | None = None,
        most: int = 12,
    ) -> Facets:
        """What values items have, and how many have each: with ranges for numbers, and years, months or days for dates.

        where, modalities: as for `search`. text: count only items that match this question, at most
        `Settings.query_k` of them. fields: names of attributes; by default those that tell items apart. most: values
        listed of each. Raises BadQuery.
        """
        from sensorium.search.facets import counted, matching
        from sensorium.search.question import kinds_of
        from sensorium.search.where import resolved

        filter = Filter(where=resolved(where, self.scope, self._store), kinds=kinds_of(modalities))
        if text is None:
            return counted(self.scope, self._store, filter, fields, most)
        results = self.search(text, where=filter.where, modalities=modalities, k=self.settings.query_k, rerank=False)
        found = counted(self.scope, self._store, matching(results, filter), fields, most)
        return replace(found, capped=results.matching == self.settings.query_k)

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

    def clip(self, piece: str) -> Clip:
        """A moment of a recording or film to hear and see, cut out of its file; `piece`: an id that a search showed.

        Raises ItemNotFound, BadInput where it has no moment or the file is gone, ChangedWhileRead, a `Refused`.
        """
        from sensorium.readers.recognise import recognise
        from sensorium.search.clips import Cutting

        view, place = self.show(piece.rpartition(".")[0]), self._piece(piece).place
        cutting = Cutting(reader=self._machine.reader, recognise=recognise, longest=self.settings.clip_seconds)
        return cutting.cut(view.item, place)

    def preview(self, piece: str) -> Preview | None:
        """The small picture of a piece: its own, or of the page or the frame that it belongs to; None without one.

        Raises ItemNotFound.
        """
        from sensorium.search.views import shown_with

        found = self._piece(piece)
        return shown_with(self._store, self.scope, [found]).get(found.id)

    def latest(self, *, before: str | None = None, most: int = 50) -> list[Item]:
        """The items that were added last, the latest first. before: go on after the item of this id.

        Raises ItemNotFound where there is none of that id.
        """
        if before is not None:
            self.show(before)
        return self._store.latest(self.scope, before, most)

    def seen_by(self, scope: Scope) -> Library:
        """The same open library on behalf of somebody else: what they add is theirs, and they see what they may.

        It shares all parts with this one and ends with it, but for what hears and reads: `release` ends that.
        """
        shared = copy(self)
        shared.scope = scope
        shared._machine = self._machine.on_behalf_of(scope)
        return shared

    def encoding_with(self, around: Callable[[Encoder], Encoder]) -> Library:
        """The same open library with something around its encoder, as a server puts to encode questions together."""
        shared = copy(self)
        machine = self._machine.on_behalf_of(self.scope, encoder=around(self._machine.encoder))
        shared._machine = machine
        return shared

    def release(self) -> None:
        """Ends what hears and reads, as far as it was made: the last call before the end of one that `seen_by` gave."""
        self._machine.release()

    def picture(self, item: str, side: int) -> Preview:
        """A picture whole, encoded anew from its pixels. side: the longest, in pixels.

        Raises ItemNotFound, BadInput where it is no picture or its file is gone, ChangedWhileRead, a `Refused`.
        """
        from sensorium.readers.recognise import recognise
        from sensorium.search.clips import Cutting

        cutting = Cutting(reader=self._machine.reader, recognise=recognise, longest=self.settings.clip_seconds)
        return cutting.picture(self.show(item).item, side)

    def opened(self, item: str) -> int:
        """The file of an item, open for reading: a descriptor, which the caller closes.

        Raises ItemNotFound, BadInput where the file is gone, ChangedWhileRead where it is another one by now.
        """
        from sensorium.search.clips import opened_as_added

        with opened_as_added(self.show(item).item) as descriptor:
            return os.dup(descriptor)

    def _kept(self, pieces: Sequence[str], weight: float) -> list[QueryPart]:
        from sensorium.search.stored import stored_part

        space = self._machine.encoder.space if pieces else None
        made = [stored_part(self.scope, self._store, self._store, space, piece) for piece in pieces if space]
        return [replace(part, weight=weight) for part in made]

    def _piece(self, piece: str) -> Piece:
        found = next((one for one in self.show(piece.rpartition(".")[0]).pieces if one.id == piece), None)
        if found is None:
            raise _not_found(piece)
        return found

    def with_clips(self, results: ShownResults) -> ShownResults:
        """The same results, their moments with a clip to play where one can be cut."""
        return replace(results, hits=tuple(self._with_clip(hit) for hit in results))

    def _with_clip(self, hit: Hit) -> Hit:
        if hit.item.modality not in (Modality.AUDIO, Modality.VIDEO):
            return hit
        with suppress(BadInput, Refused):  # the file may be gone by now: then there is nothing to play
            return replace(hit, clip=self.clip(hit.piece.id))
        return hit

    def transcript(self, recording: str | Path) -> str:
        """The words of a recording's first minute. Raises ExtraMissing, BadInput; BadQuery where nobody speaks."""
        ear = self._machine.ear()
        words = ear.transcript(self._machine.file_reading().track(Path(recording), ear.track_rate))
        if not words:
            raise BadQuery("nobody speaks in it", subject=str(recording), remedy="record it again, or ask in words")
        return words

    def ask(self, query: Query) -> ShownResults:
        """The answer to a question that was put together by hand. Raises BadQuery."""
        self._require_space()
        return ShownResults.of(self._machine.searcher.search(self.scope, query))

    def describe(self, item: str) -> ItemView:
        """What `show` gives, and what is seen in the item: names with scores, first words, colours.

        The first call for a model takes seconds: it makes the vectors of 1,500 names and keeps them in the library.
        Raises ItemNotFound.
        """
        from sensorium.search.seeing import Seeing

        view = self.show(item)
        seeing = Seeing(store=self._store, encoder=self._machine.encoder, cache=self.path / "names")
        return replace(view, seen=seeing.seen(self.scope, view.item.id, view.pieces))

    def show(self, item: str) -> ItemView:
        """One item whole, by its id or by a path it was added from. Raises ItemNotFound."""
        item_id = self._item_id(item)
        for found in self._store.items(self.scope, Filter(item_ids=frozenset({item_id}))):
            return ItemView(
                item=found,
                pieces=self._store.pieces_of(self.scope, item_id),
                sources=self._store.sources_of(self.scope, item_id),
            )
        raise _not_found(item)

    def forget(self, item: str) -> Receipt:
        """Erases one item with all that is derived from it, by its id or by a path. Raises ItemNotFound.

        A file that lies at several sources is one item, so each of them is forgotten.
        """
        view = self.show(item)
        with self._writing():
            self._store.forget(self.scope, [view.item.id])
        lines = [ReceiptLine(source=source, outcome=Outcome.FORGOTTEN) for source in view.sources]
        return Receipt(lines=lines)

    def refused(self) -> list[Refusal]:
        """The files that were not added, by time, each with its reason."""
        return list(self._store.refusals(self.scope))

    @property
    def generation(self) -> int:
        """How many changes the library has seen: what was found before the last one may not hold any more."""
        return self._store.generation()

    def info(self) -> LibraryInfo:
        """The library in numbers."""
        counts = self._store.counts(self.scope)
        files = [entry for entry in self.path.rglob("*") if entry.is_file()]
        return LibraryInfo(
            path=str(self.path),
            items=counts.items,
            pieces=counts.pieces,
            spaces=self._store.spaces(),
            refused=len(self.refused()),
            generation=self._store.generation(),
            bytes_on_disk=sum(entry.stat().st_size for entry in files),
        )

    def doctor(self, *, mend: bool = False) -> Diagnosis:
        """Checks store, index, files, encoder, sandbox and disk. mend: sets right what can be."""
        from sensorium.lifecycle.doctor import Patient, examine

        patient = Patient(
            folder=self.path,
            scope=self.scope,
            store=self._store,
            sources=self._store,
            indexes=self._machine.indexes,
            encoder=self._machine.encoder,
            spaces=self._store.spaces(),
            sandbox=lambda: f"the reading process is shut in up to: {self._machine.reader.level.name.lower()}",
        )
        if not mend:
            return Diagnosis(findings=tuple(examine(patient)))
        with self._lock():
            return Diagnosis(findings=tuple(examine(patient, mend=True)))

    def rebuild(self) -> None:
        """Builds the index from the rows of the store."""
        with self._lock():
            self._require_space()
            self._machine.indexes.rebuild(self._machine.encoder.space)

    def close(self) -> None:
        """Lets go of the files, of the reading process and of what hears and reads. May be repeated."""
        self._machine.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"sensorium.open({str(self.path)!r})"

    # -- what several calls share ------------------------------------------------------------------------------------

    def _ingest_options(
        self,
        progress: ProgressListener | None,
        stop: threading.Event | None,
        *,
        prune: bool = False,
        archives: bool = False,
    ) -> IngestOptions:
        from sensorium.ingest.options import IngestOptions

        chosen: dict[str, Any] = {"progress": progress, "stop": stop}
        given = {name: value for name, value in chosen.items() if value is not None}
        return IngestOptions(settings=self.settings, prune=prune, archives=archives, scratch=self.path, **given)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """The writer's lock around a change, and an index file that holds it afterwards, whatever happened."""
        with self._lock():
            self._require_space()
            for space in (
                self._machine.encoder.space,
                *(space for one in self._machine.perceivers for space in one.spaces),
            ):
                self._store.add_space(space)
            try:
                yield
            finally:
                self._machine.indexes.persist(self._machine.encoder.space)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        from sensorium.stores.lock import WriterLock

        with WriterLock(self.path, wait_seconds=self.settings.lock_wait_seconds):
            yield

    def _require_space(self) -> None:
        """Vectors of two spaces are never compared, so a library that another model filled would find nothing."""
        known = self._store.spaces()
        asked = self._machine.encoder.space
        if known and asked not in known:
            raise SpaceMismatch(
                f"it was filled by {', '.join(space.id for space in known)}, and the encoder is {asked.id}",
                subject=str(self.path),
                remedy="set SENSORIUM_ENCODER to the encoder it was filled by, or add the files to a new library",
            )

    def _item_id(self, item: str) -> str:
        """The id itself, or that of the item which has this path as a source."""
        source = item if item.startswith(CATALOGUE) else str(Path(item).resolve())
        for sighting in self._store.sightings(self.scope, source):
            if sighting.source == source:
                return sighting.item_id
        return item


def _not_found(item: str) -> ItemNotFound:
    return ItemNotFound(
        "no such item", subject=item, remedy="give an id that a search showed, or the path of a file that was added"
    )
