"""`add`: discover, read one batch ahead, encode, commit; each batch is one transaction, told after it is durable."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from sensorium.core.contents import ReadRequest
from sensorium.core.receipts import Receipt
from sensorium.core.scopes import Scope
from sensorium.ingest.ahead import ahead
from sensorium.ingest.discover import Found, Root, named_roots, walk
from sensorium.ingest.encode import Stopped, addition, read_request
from sensorium.ingest.examine import Examined, Examiner, ReadPart, Resumed, Verdict
from sensorium.ingest.ledger import Batch, Ledger
from sensorium.ingest.making import Making
from sensorium.ingest.options import IngestOptions, IngestPorts

PIECES_AT_ONCE = 1_024
"""A batch ends early when it holds this many pieces, so that a few long texts do not fill the memory."""

PART_PLACES = 12
"""What a part of a long file counts among the files that are read ahead."""

_TELL_EVERY = 256


def add(
    scope: Scope, ports: IngestPorts, paths: Sequence[str | os.PathLike[str]], options: IngestOptions | None = None
) -> Receipt:
    """Adds the files at and below `paths`; what is known and unchanged is not read again.

    Every file ends in exactly one line of the receipt, and a line is written when the store has acknowledged its
    commit. Raises BadInput before anything is read, and whatever the store or an encoder raises; what was committed
    before that stays.
    """
    return _Run(scope, ports, named_roots(paths), options or IngestOptions()).receipt()


def retry(scope: Scope, ports: IngestPorts, options: IngestOptions | None = None) -> Receipt:
    """Tries again every file that was refused, under the rules that it was refused by."""
    refusals = ports.sources.refusals(scope)
    roots = tuple(Root(path=refusal.source, by_name=refusal.code != "excluded") for refusal in refusals)
    return _Run(scope, ports, roots, options or IngestOptions()).receipt()


class _Run:
    """One call of `add` or `retry`."""

    def __init__(self, scope: Scope, ports: IngestPorts, roots: tuple[Root, ...], options: IngestOptions) -> None:
        self._scope = scope
        self._ports = ports
        self._roots = roots
        self._options = options
        self._request: ReadRequest = read_request(ports.encoders, ports.perceivers, options.settings)
        self._making = Making(ports, self._request, options.stop)
        self._ledger = Ledger(scope, ports.sources, roots, options.clock)
        self._receipt = Receipt()

    def receipt(self) -> Receipt:
        start = time.perf_counter()
        try:
            self._run()
        except Stopped:
            self._receipt.interrupted = True
        self._receipt.seconds = time.perf_counter() - start
        return self._receipt

    def _run(self) -> None:
        found = self._discover()
        again = self._settle(found, self._ledger.is_known)
        if again:
            self._settle([Found(source=source) for source in again], lambda content_hash: False)
        present = {entry.source for entry in found}
        self._commit(self._ledger.judge_absent(present, prune=self._options.prune))

    def _discover(self) -> list[Found]:
        found: list[Found] = []
        for entry in walk(self._roots):
            found.append(entry)
            if len(found) % _TELL_EVERY == 0:
                self._options.progress.discovered(len(found))
                self._check_stop()
        self._options.progress.discovered(len(found))
        return found

    def _settle(self, found: Sequence[Found], is_known: Callable[[str], bool]) -> list[str]:
        """Reads, encodes and commits; returns the sources that have to be read once more."""
        again: list[str] = []
        places = self._options.settings.batch_files
        with closing(ahead(self._examine(found, is_known), places, _weight)) as verdicts:
            for some in self._batches(self._whole(verdicts)):
                self._check_stop()
                batch = self._ledger.judge(some)
                self._commit(batch)
                again += batch.again
        self._check_stop()
        return again

    def _whole(self, verdicts: Iterable[ReadPart | Verdict]) -> Iterator[Verdict]:
        """The verdicts alone: parts of long files are encoded and kept as they come."""
        for verdict in verdicts:
            if not isinstance(verdict, ReadPart):
                yield verdict
                continue
            self._check_stop()
            self._making.keep(verdict, self._ledger.item_of(verdict.content_hash))
            document = verdict.document
            self._options.progress.advanced(verdict.source, document.next or 0.0, document.length)

    def _resume(self, content_hash: str) -> Resumed | None:
        return self._making.resume(self._ledger.item_of(content_hash))

    def _examine(self, found: Sequence[Found], is_known: Callable[[str], bool]) -> Iterator[ReadPart | Verdict]:
        """The verdicts, made in the reading thread."""
        examiner = Examiner(
            reader=self._ports.reader,
            recognise=self._ports.recognise,
            request=self._request,
            largest=self._options.settings.file_bytes,
            sightings=self._ledger.skippable,
            is_known=is_known,
            resume=self._resume,
            clock=self._options.clock,
        )
        for entry in found:
            if self._options.stop.is_set():
                return
            yield from examiner.examine(entry)

    def _batches(self, verdicts: Iterable[Verdict]) -> Iterator[list[Verdict]]:
        batch: list[Verdict] = []
        pieces = 0
        for verdict in verdicts:
            batch.append(verdict)
            pieces += _count_pieces(verdict)
            if len(batch) >= self._options.settings.batch_files or pieces >= PIECES_AT_ONCE:
                yield batch
                batch, pieces = [], 0
        if batch:
            yield batch

    def _commit(self, batch: Batch) -> None:
        made = self._making.make(list(batch.drafts.values()))
        empty = {draft.item.id for draft, part in made if not part.pieces}
        self._ledger.find_empty(batch, empty)
        additions = [
            addition(draft.item, part, self._ports.spaces) for draft, part in made if draft.item.id not in empty
        ]
        if additions or batch.sightings or batch.refusals or batch.gone:
            self._ports.items.commit(
                self._scope,
                additions=additions,
                sightings=batch.sightings,
                refusals=batch.refusals,
                gone=batch.gone,
            )
        self._receipt.pieces += sum(len(addition.pieces) for addition in additions)
        notes = {draft.item.id: "; ".join(part.document.notes) for draft, part in made}
        for line in batch.lines:
            told = line if line.reason else replace(line, reason=notes.get(line.item_id or "", ""))
            self._receipt.lines.append(told)
            self._options.progress.settled(told)

    def _check_stop(self) -> None:
        if self._options.stop.is_set():
            raise Stopped


def _weight(verdict: ReadPart | Verdict) -> int:
    """Parts of long files are large: a few of them fill the room for what is read ahead."""
    return PART_PLACES if isinstance(verdict, ReadPart) else 1


def _count_pieces(verdict: Verdict) -> int:
    read = verdict.document if isinstance(verdict, Examined) else None
    return 0 if read is None else len(read.pieces)
