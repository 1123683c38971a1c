"""The library a user holds: the one place that joins the rooms. It holds no logic that a room could hold."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sensorium import plugins
from sensorium.calls.adapting import Adapting
from sensorium.calls.collections import Collections
from sensorium.calls.measured import Measured
from sensorium.calls.models import Models
from sensorium.calls.rankers import Rankers
from sensorium.calls.ruled import Ruled
from sensorium.calls.voices import Voices
from sensorium.core.receipts import Outcome, Receipt, ReceiptLine, Refusal
from sensorium.core.reports import Diagnosis, LibraryInfo
from sensorium.core.scopes import Scope
from sensorium.core.settings import PREFIX, Settings
from sensorium.machine import Machine

if TYPE_CHECKING:
    from sensorium.core.attributes import Kind
    from sensorium.core.ports import Encoder, ProgressListener
    from sensorium.ingest.options import IngestOptions
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
    those of the environment. encoder: your own, in place of the one that the library is searched by. create: False
    raises LibraryNotFound where there is no library.

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


class Library(Measured, Adapting, Rankers, Models, Ruled, Collections, Voices):
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
        """Adds the rows of a CSV, JSON, JSON lines or Parquet file as items, whose columns filter and are counted.

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
        shared._machine = self._machine.on_behalf_of(self.scope, around=around)
        return shared

    def release(self) -> None:
        """Ends what hears and reads, as far as it was made: the last call before the end of one that `seen_by` gave."""
        self._machine.release()

    def forget(self, item: str) -> Receipt:
        """Erases one item with all that is derived from it, by its id or by a path. Raises ItemNotFound.

        A file that lies at several sources is one item, so each of them is forgotten.
        """
        view = self.show(item)
        knowing = self.adapter_note(view.item.id)
        with self._writing():
            self._store.forget(self.scope, [view.item.id])
        lines = [ReceiptLine(source=source, outcome=Outcome.FORGOTTEN) for source in view.sources]
        return Receipt(lines=lines, notes=[knowing] if knowing else [])

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
            models=self.models(),
            refused=len(self.refused()),
            generation=self._store.generation(),
            bytes_on_disk=sum(entry.stat().st_size for entry in files),
        )

    def doctor(self, *, mend: bool = False) -> Diagnosis:
        """Checks store, index, files, encoder, sandbox and disk. mend: sets right what can be."""
        from sensorium.lifecycle.doctor import Patient, examine
        from sensorium.lifecycle.fingerprints import examine_fingerprints
        from sensorium.lifecycle.rules import examine_rules

        patient = Patient(
            folder=self.path,
            scope=self.scope,
            store=self._store,
            sources=self._store,
            indexes=self._machine.indexes,
            encoder=self._machine.encoder,
            spaces=self._store.spaces(),
            models=self.models(),
            sandbox=lambda: f"the reading process is shut in up to: {self._machine.reader.level.name.lower()}",
            further=(
                lambda mend: examine_rules(self._machine.rules_file.book),
                lambda mend: examine_fingerprints(self._store, lambda: self._machine.reader, self.path, mend=mend),
            ),
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
            encoder = self._machine.choice.now(wait=True)
            self._require_space(writing=True)
            self._store.begin_space(encoder.space, self._machine.choice.setting)
            for space in (space for one in self._machine.perceivers for space in one.spaces):
                self._store.add_space(space)
            try:
                yield
            finally:
                self._machine.indexes.persist(encoder.space)
                for other in (one.space for one in self._store.known_spaces() if one.space != encoder.space):
                    self._machine.indexes.cleanse(other)
