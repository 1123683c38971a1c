"""What each examined file means, given what the library knows: added, known, changed, moved, refused or vanished."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

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

    def judge(self, verdicts: Iterable[Verdict]) -> Batch:
        """What to commit for these files."""
        batch = Batch()
        for verdict in verdicts:
            match verdict:
                case Untouched():
                    known = self._sightings[verdict.source].item_id
                    batch.lines.append(ReceiptLine(source=verdict.source, outcome=Outcome.KNOWN, item_id=known))
                case Rejected():
                    self._refuse(batch, verdict)
                case Examined():
                    self._place(batch, verdict)
        return batch

    def judge_absent(self, found: Collection[str], *, prune: bool) -> Batch:
        """What to commit for known sources below the roots that the walk did not find.

        Pruned is only what lies below a folder that holds something: an empty one may be a disk that is not mounted.
        """
        batch = Batch()
        unmounted = frozenset(root.path for root in self._roots if looks_unmounted(root.path))
        for source, seen in self._sightings.items():
            if source in found or source in self._moved_from or not is_gone(source):
                continue
            if prune and not is_below(source, unmounted):
                batch.gone.append(source)
                batch.lines.append(ReceiptLine(source=source, outcome=Outcome.FORGOTTEN))
            else:
                reason = "kept, since its folder is empty: is a disk not mounted?" if prune else ""
                batch.lines.append(
                    ReceiptLine(source=source, outcome=Outcome.VANISHED, item_id=seen.item_id, reason=reason)
                )
        self._drop_refusals(batch, found)
        return batch

    def _drop_refusals(self, batch: Batch, found: Collection[str]) -> None:
        for source in self._refusals.keys() - self._sightings.keys():
            if source not in found and is_gone(source):
                batch.gone.append(source)
                batch.lines.append(ReceiptLine(source=source, outcome=Outcome.VANISHED, reason="it had been refused"))

    def _refuse(self, batch: Batch, verdict: Rejected) -> None:
        """Refusing a file twice for the same reason changes nothing in the store."""
        seen = self._sightings.get(verdict.source)
        reason = verdict.reason + ("; what it held before is kept" if seen else "")
        refusal = Refusal(
            source=verdict.source,
            code=verdict.code,
            reason=reason,
            refused_at=self._clock(),
            rights=self._rights,
        )
        old = self._refusals.get(verdict.source)
        if old is None or (old.code, old.reason, old.rights) != (refusal.code, refusal.reason, refusal.rights):
            batch.refusals.append(refusal)
        kept = seen.item_id if seen else None
        batch.lines.append(
            ReceiptLine(
                source=verdict.source, outcome=Outcome.REFUSED, item_id=kept, reason=f"{verdict.code}: {reason}"
            )
        )

    def _place(self, batch: Batch, verdict: Examined) -> None:
        seen = self._sightings.get(verdict.source)
        if seen is not None and seen.content_hash == verdict.content_hash:
            self._sight(batch, verdict, seen.item_id, Outcome.KNOWN)
            return
        item = item_id(self._scope.tenant, verdict.content_hash, self._rights)
        is_held = item in batch.drafts or self.is_known(verdict.content_hash)
        if not is_held and verdict.document is None:
            batch.again.append(verdict.source)
            return
        if not is_held:
            batch.drafts[item] = self._draft(verdict, item)
        if seen is not None:
            self._sight(batch, verdict, item, Outcome.CHANGED)
        elif not is_held:
            self._sight(batch, verdict, item, Outcome.ADDED)
        else:
            left = self._left_behind(item)
            batch.gone.extend(left)
            self._sight(batch, verdict, item, Outcome.MOVED if left else Outcome.KNOWN)

    def _sight(self, batch: Batch, verdict: Examined, item: str, outcome: Outcome) -> None:
        batch.sightings.append(
            Sighting(
                source=verdict.source,
                item_id=item,
                content_hash=verdict.content_hash,
                size=verdict.size,
                modified_ns=verdict.modified_ns,
                seen_at=verdict.seen_at,
            )
        )
        batch.lines.append(ReceiptLine(source=verdict.source, outcome=outcome, item_id=item))

    def _left_behind(self, item: str) -> list[str]:
        """The first source of the item whose file is gone, if there is one: each new source takes the place of one."""
        for source in self._store.sources_of(self._scope, item):
            if source not in self._moved_from and is_gone(source):
                self._moved_from.add(source)
                return [source]
        return []

    def _draft(self, verdict: Examined, item: str) -> Draft:
        document = verdict.document
        assert document is not None, "a draft is made of what was read"
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
        )
