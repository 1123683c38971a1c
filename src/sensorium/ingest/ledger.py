"""What each examined file means, given what the library knows: added, known, changed, moved, refused or vanished."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from sensorium.core.contents import Document
from sensorium.core.errors import EmptyFile
from sensorium.core.items import Item, Lineage, item_id
from sensorium.core.receipts import ABSENT_NS, JOINED, PENDING_NS, WITHIN, Outcome, ReceiptLine, Refusal, Sighting
from sensorium.core.scopes import Scope
from sensorium.core.store_ports import SourceStore
from sensorium.ingest.batch import Batch
from sensorium.ingest.discover import Root
from sensorium.ingest.encode import Draft
from sensorium.ingest.examine import Examined, ReadArchive, Rejected, Untouched, Verdict
from sensorium.ingest.known import Known
from sensorium.ingest.sidecars import Sidecar, is_joined, is_subtitles
from sensorium.ingest.sources import archive_of, is_below, is_gone, looks_unmounted, name_of, title_of


class Ledger:
    """What was decided about the sources below the roots since a run began.

    Batches are judged in the order in which they are committed, each after the commit of the one before.
    """

    def __init__(
        self, scope: Scope, store: SourceStore, roots: Sequence[Root], known: Known, clock: Callable[[], float]
    ) -> None:
        self._scope = scope
        self._store = store
        self._roots = roots
        self._clock = clock
        self._rights = scope.private_rights()
        self._moved_from: set[str] = set()
        self._changed: set[str] = set()
        self._known = known
        self._told: set[str] = set()
        self._refused: set[str] = set()
        self._opened: set[str] = set()
        self._pending: dict[str, Sighting] = {}

    def is_known(self, content_hash: str) -> bool:
        """Whether the scope has this content already."""
        return self._store.known(self._scope, content_hash, self._rights) is not None

    def item_of(self, content_hash: str) -> str:
        """The id that an item of this content has in this scope."""
        return item_id(self._scope.tenant, content_hash, self._rights)

    def judge(self, verdicts: Iterable[Verdict]) -> Batch:
        """What to commit for these files."""
        batch = Batch()
        for verdict in verdicts:
            match verdict:
                case Untouched():
                    self._tell(batch, verdict.source, Outcome.KNOWN, self._sightings[verdict.source].item_id)
                case Rejected():
                    self._refuse(batch, verdict)
                case Examined():
                    self._place(batch, verdict)
                case ReadArchive():
                    self._close(batch, verdict)
        return batch

    def judge_absent(self, found: Collection[str], *, prune: bool) -> Batch:
        """What to commit for known and refused sources below the roots that the walk did not find.

        Pruned is only what lies below a folder that holds something: an empty one may be a disk that is not mounted.
        """
        batch = Batch()
        unmounted = frozenset(root.path for root in self._roots if looks_unmounted(root.path))
        for source, seen in self._sightings.items():
            if source in found or source in self._moved_from or not self._is_absent(source, found):
                continue
            if prune and not is_below(source, unmounted):
                batch.gone.append(source)
                self._tell(batch, source, Outcome.FORGOTTEN)
            else:
                reason = "kept, since its folder is empty: is a disk not mounted?" if prune else ""
                self._tell(batch, source, Outcome.VANISHED, seen.item_id, reason)
        for source in sorted(self._known.refusals.keys() - self._sightings.keys() - set(found)):
            if self._is_absent(source, found):
                batch.gone.append(source)
                reason = "it had been refused, and does not stand in the way any more"
                self._tell(batch, source, Outcome.VANISHED, reason=reason)
        return batch

    def _is_absent(self, source: str, found: Collection[str]) -> bool:
        """Whether a source that nothing was said of is gone: its file is, or its archive does not hold it.

        Of an archive that was not opened, or is a file of another kind by now that can not be read, nothing is known.
        """
        if source in self._told:
            return False
        archive = archive_of(source)
        if archive is None or archive not in found:
            return is_gone(source)
        return archive in self._opened or (archive in self._told and archive not in self._refused)

    def find_empty(self, batch: Batch, items: Collection[str]) -> None:
        """Turns drafts of which nothing can be found into refusals of their sources."""
        if not items:
            return
        sources = [seen.source for seen in batch.sightings if seen.item_id in items]
        batch.sightings = [seen for seen in batch.sightings if seen.item_id not in items]
        batch.lines = [line for line in batch.lines if line.source not in sources]
        nothing = EmptyFile("nothing in it can be found", remedy="nothing to do")
        for source in dict.fromkeys(sources):
            self._pending.pop(source, None)
            self._refuse(batch, Rejected(source=source, code=nothing.code, reason=nothing.public))

    @property
    def _sightings(self) -> dict[str, Sighting]:
        return self._known.sightings

    def _tell(
        self, batch: Batch, source: str, outcome: Outcome, item: str | None = None, reason: str = "", code: str = ""
    ) -> None:
        self._told.add(source)
        batch.lines.append(ReceiptLine(source=source, outcome=outcome, item_id=item, reason=reason, code=code))

    def _refuse(self, batch: Batch, verdict: Rejected) -> None:
        """Refusing a file twice for the same reason changes nothing in the store."""
        source, seen = verdict.source, self._sightings.get(verdict.source)
        seen = None if seen is None or is_joined(seen) else seen
        keeps = seen is not None or source in self._known.members
        reason = verdict.reason + ("; what it held before is kept" if keeps else "")
        old = self._known.refusals.get(source)
        if old is None or (old.code, old.reason, old.rights) != (verdict.code, reason, self._rights):
            refusal = Refusal(
                source=source, code=verdict.code, reason=reason, refused_at=self._clock(), rights=self._rights
            )
            batch.refusals.append(refusal)
        self._refused.add(source)
        self._tell(batch, source, Outcome.REFUSED, seen.item_id if seen else None, reason, verdict.code)

    def _place(self, batch: Batch, verdict: Examined) -> None:
        """Finds or drafts the item that holds this content, and says that it was seen here."""
        source, seen = verdict.source, self._sightings.get(verdict.source)
        if seen is not None and seen.content_hash == verdict.content_hash:
            self._see(batch, verdict, seen.item_id)
            self._tell(batch, source, Outcome.KNOWN, seen.item_id)
            self._place_sidecars(batch, verdict, seen.item_id, is_new=False)
            return
        item = self.item_of(verdict.content_hash)
        is_held = item in batch.drafts or self.is_known(verdict.content_hash)
        if not is_held:
            if verdict.document is None:
                batch.again.append(source)
                return
            batch.drafts[item] = self._draft(verdict, verdict.document, item)
        self._see(batch, verdict, item)
        if seen is not None:
            self._changed.add(source)
            self._tell(batch, source, Outcome.CHANGED, item)
        elif not is_held:
            self._tell(batch, source, Outcome.ADDED, item)
        else:
            self._join(batch, source, item)
        self._place_sidecars(batch, verdict, item, is_new=not is_held)
        self._part(batch, verdict)

    def _see(self, batch: Batch, verdict: Examined, item: str) -> None:
        """The file was seen with the content of that item, and so were the subtitles that are a part of it."""
        seen: list[tuple[Examined | Sidecar, str]] = [(verdict, verdict.content_hash)]
        seen += [(one, JOINED + one.content_hash) for one in verdict.sidecars]
        for one, content_hash in seen:
            sighting = Sighting(
                source=one.source,
                item_id=item,
                content_hash=content_hash,
                size=one.size,
                modified_ns=PENDING_NS if verdict.is_member else one.modified_ns,
                seen_at=one.seen_at,
            )
            batch.sightings.append(sighting)
            if verdict.is_member:
                self._pending[one.source] = sighting

    def _close(self, batch: Batch, verdict: ReadArchive) -> None:
        """All of an archive was told. Its members get its size and time, so that it can be passed over from now on.

        They get them in one commit, and not before: a run that ends within an archive leaves none that looks whole.
        Those that are not in it any more lose them, so that they do not speak for an archive that is put back.
        """
        within = verdict.source + WITHIN
        for source in [source for source in self._pending if source.startswith(within)]:
            seen = self._pending.pop(source)
            stamped = replace(seen, size=verdict.size, modified_ns=verdict.modified_ns, seen_at=verdict.seen_at)
            batch.sightings.append(stamped)
        for seen in self._known.members.get(verdict.source, ()):
            if seen.source not in self._told | self._moved_from and seen.modified_ns != ABSENT_NS:
                batch.sightings.append(replace(seen, modified_ns=ABSENT_NS))
        self._opened.add(verdict.source)
        if verdict.source in self._sightings or verdict.source in self._known.refusals:
            batch.gone.append(verdict.source)
        if verdict.source in self._sightings:
            self._moved_from.add(verdict.source)
            self._tell(batch, verdict.source, Outcome.FORGOTTEN, reason="it is an archive now, and was opened")

    # -- subtitles beside a film ---------------------------------------------------------------------------------------

    def _place_sidecars(self, batch: Batch, verdict: Examined, item: str, *, is_new: bool) -> None:
        for one in verdict.sidecars:
            reason = f"subtitles of {name_of(verdict.source)}"
            seen = self._sightings.get(one.source)
            left = None if seen else self._left(item, one.source, is_subtitles)
            if seen is not None:
                outcome = Outcome.KNOWN if seen.item_id == item else Outcome.CHANGED
            elif left is not None:
                outcome, reason = Outcome.MOVED, f"from {left}; {reason}"
                self._leave(batch, left)
            else:
                outcome = Outcome.ADDED if is_new else Outcome.KNOWN
            self._tell(batch, one.source, outcome, item, reason)

    def _part(self, batch: Batch, verdict: Examined) -> None:
        """A film that became another item lets go of subtitles that are a part of it no more."""
        present = {one.source for one in verdict.sidecars}
        for source in sorted(self._known.joined.get(verdict.source, frozenset()) - present - self._told):
            batch.gone.append(source)
            if is_gone(source):
                self._moved_from.add(source)
                self._tell(batch, source, Outcome.FORGOTTEN, reason=f"{name_of(verdict.source)} is kept without it")

    # -- moving --------------------------------------------------------------------------------------------------------

    def _join(self, batch: Batch, source: str, item: str) -> None:
        """One more source of an item: it moved here from a source where it is no more, each of which is taken once."""
        left = self._left(item, source, lambda other: is_subtitles(other) == is_subtitles(source))
        if left is None:
            stored = self._store.sources_of(self._scope, item)
            batched = tuple(seen.source for seen in batch.sightings if seen.item_id == item and seen.source != source)
            self._tell(batch, source, Outcome.KNOWN, item, f"the same content as {(batched or stored)[0]}")
            return
        self._leave(batch, left)
        self._tell(batch, source, Outcome.MOVED, item, f"from {left}")

    def _left(self, item: str, source: str, fits: Callable[[str], bool]) -> str | None:
        """A source of the item that is no more. A film does not come from where its subtitles were."""
        stored = self._store.sources_of(self._scope, item)
        free = (other for other in stored if other != source and other not in self._moved_from and fits(other))
        return next((other for other in free if other in self._changed or is_gone(other)), None)

    def _leave(self, batch: Batch, left: str) -> None:
        self._moved_from.add(left)
        if left not in self._changed:
            batch.gone.append(left)

    def _draft(self, verdict: Examined, document: Document, item: str) -> Draft:
        lineage = Lineage(
            source=verdict.source,
            content_hash=verdict.content_hash,
            size=verdict.size,
            modified_at=verdict.modified_ns / 1e9,
            added_at=self._clock(),
            reader=document.reader,
        )
        return Draft(
            item=Item(
                id=item,
                tenant=self._scope.tenant,
                modality=document.modality,
                media_type=document.media_type,
                title=document.title or title_of(verdict.source),
                rights=self._rights,
                lineage=lineage,
                attributes=document.attributes,
            ),
            document=document,
            start=verdict.start,
        )
