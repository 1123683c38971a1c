"""What each examined file means, given what the library knows: added, known, changed, moved, refused or vanished."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sensorium.core.contents import Document
from sensorium.core.errors import EmptyFile
from sensorium.core.items import Item, Lineage, item_id
from sensorium.core.ports import SourceStore
from sensorium.core.receipts import Outcome, ReceiptLine, Refusal, Sighting
from sensorium.core.scopes import Scope
from sensorium.ingest.discover import Root
from sensorium.ingest.encode import Draft
from sensorium.ingest.examine import Examined, Rejected, Untouched, Verdict
from sensorium.ingest.sources import is_below, is_gone, looks_unmounted, title_of


@dataclass(slots=True)
class Batch:
    """What one commit will say, and the lines that may be told after it.

    drafts: by item id. again: sources that have to be read after all, because the item that they seemed to share is
    no longer there.
    """

    drafts: dict[str, Draft] = field(default_factory=dict)
    sightings: list[Sighting] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    lines: list[ReceiptLine] = field(default_factory=list)
    again: list[str] = field(default_factory=list)

    def tell(
        self, source: str, outcome: Outcome, *, item_id: str | None = None, reason: str = "", code: str = ""
    ) -> None:
        """The line of one source."""
        line = ReceiptLine(source=source, outcome=outcome, item_id=item_id, reason=reason, code=code)
        self.lines.append(line)

    def see(self, verdict: Examined, item: str) -> None:
        """The file was seen with the content of that item."""
        sighting = Sighting(
            source=verdict.source,
            item_id=item,
            content_hash=verdict.content_hash,
            size=verdict.size,
            modified_ns=verdict.modified_ns,
            seen_at=verdict.seen_at,
        )
        self.sightings.append(sighting)


class Ledger:
    """What the library knew of the sources below the roots when the run began, and what was decided since.

    Batches are judged in the order in which they are committed, each after the commit of the one before.
    """

    def __init__(self, scope: Scope, store: SourceStore, roots: Sequence[Root], clock: Callable[[], float]) -> None:
        self._scope = scope
        self._store = store
        self._roots = roots
        self._clock = clock
        self._rights = scope.private_rights()
        self._moved_from: set[str] = set()
        self._changed: set[str] = set()
        paths = frozenset(root.path for root in roots)
        self._sightings = {seen.source: seen for path in sorted(paths) for seen in store.sightings(scope, path)}
        self._refusals = {old.source: old for old in store.refusals(scope) if is_below(old.source, paths)}

    @property
    def skippable(self) -> dict[str, Sighting]:
        """Sightings, by source, that stand for their file while it is unchanged: those not refused since."""
        return {source: seen for source, seen in self._sightings.items() if source not in self._refusals}

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
                    batch.tell(verdict.source, Outcome.KNOWN, item_id=self._sightings[verdict.source].item_id)
                case Rejected():
                    self._refuse(batch, verdict)
                case Examined():
                    self._place(batch, verdict)
        return batch

    def judge_absent(self, found: Collection[str], *, prune: bool) -> Batch:
        """What to commit for known and refused sources below the roots that the walk did not find.

        Pruned is only what lies below a folder that holds something: an empty one may be a disk that is not mounted.
        """
        batch = Batch()
        unmounted = frozenset(root.path for root in self._roots if looks_unmounted(root.path))
        for source, seen in self._sightings.items():
            if source in found or source in self._moved_from or not is_gone(source):
                continue
            if prune and not is_below(source, unmounted):
                batch.gone.append(source)
                batch.tell(source, Outcome.FORGOTTEN)
            else:
                reason = "kept, since its folder is empty: is a disk not mounted?" if prune else ""
                batch.tell(source, Outcome.VANISHED, item_id=seen.item_id, reason=reason)
        for source in sorted(self._refusals.keys() - self._sightings.keys() - set(found)):
            if is_gone(source):
                batch.gone.append(source)
                batch.tell(
                    source, Outcome.VANISHED, reason="it had been refused, and does not stand in the way any more"
                )
        return batch

    def find_empty(self, batch: Batch, items: Collection[str]) -> None:
        """Turns drafts of which nothing can be found into refusals of their sources."""
        if not items:
            return
        sources = [seen.source for seen in batch.sightings if seen.item_id in items]
        batch.sightings = [seen for seen in batch.sightings if seen.item_id not in items]
        batch.lines = [line for line in batch.lines if line.source not in sources]
        nothing = EmptyFile("nothing in it can be found", remedy="nothing to do")
        for source in sources:
            self._refuse(batch, Rejected(source=source, code=nothing.code, reason=nothing.public))

    def _refuse(self, batch: Batch, verdict: Rejected) -> None:
        """Refusing a file twice for the same reason changes nothing in the store."""
        seen = self._sightings.get(verdict.source)
        reason = verdict.reason + ("; what it held before is kept" if seen else "")
        old = self._refusals.get(verdict.source)
        if old is None or (old.code, old.reason, old.rights) != (verdict.code, reason, self._rights):
            refusal = Refusal(
                source=verdict.source,
                code=verdict.code,
                reason=reason,
                refused_at=self._clock(),
                rights=self._rights,
            )
            batch.refusals.append(refusal)
        kept = seen.item_id if seen else None
        batch.tell(verdict.source, Outcome.REFUSED, item_id=kept, reason=reason, code=verdict.code)

    def _place(self, batch: Batch, verdict: Examined) -> None:
        """Finds or drafts the item that holds this content, and says that it was seen here."""
        source, seen = verdict.source, self._sightings.get(verdict.source)
        if seen is not None and seen.content_hash == verdict.content_hash:
            batch.see(verdict, seen.item_id)
            batch.tell(source, Outcome.KNOWN, item_id=seen.item_id)
            return
        item = self.item_of(verdict.content_hash)
        is_held = item in batch.drafts or self.is_known(verdict.content_hash)
        if not is_held:
            if verdict.document is None:
                batch.again.append(source)
                return
            batch.drafts[item] = self._draft(verdict, verdict.document, item)
        batch.see(verdict, item)
        if seen is not None:
            self._changed.add(source)
            batch.tell(source, Outcome.CHANGED, item_id=item)
        elif not is_held:
            batch.tell(source, Outcome.ADDED, item_id=item)
        else:
            self._join(batch, source, item)

    def _join(self, batch: Batch, source: str, item: str) -> None:
        """One more source of an item: it moved here from a source where it is no more, each of which is taken once."""
        stored = self._store.sources_of(self._scope, item)
        free = (other for other in stored if other not in self._moved_from)
        left = next((other for other in free if other in self._changed or is_gone(other)), None)
        if left is None:
            batched = tuple(seen.source for seen in batch.sightings if seen.item_id == item and seen.source != source)
            batch.tell(source, Outcome.KNOWN, item_id=item, reason=f"the same content as {(batched or stored)[0]}")
            return
        self._moved_from.add(left)
        if left not in self._changed:
            batch.gone.append(left)
        batch.tell(source, Outcome.MOVED, item_id=item, reason=f"from {left}")

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
