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
from sensorium.ingest.archives import Archives
from sensorium.ingest.batch import Batch
from sensorium.ingest.discover import Found, Root, named_roots, walk
from sensorium.ingest.encode import Stopped, addition, read_request
from sensorium.ingest.examine import Examined, Examiner, OpenedArchive, ReadPart, Resumed, Step, Verdict
from sensorium.ingest.known import Known
from sensorium.ingest.ledger import Ledger
from sensorium.ingest.making import Making
from sensorium.ingest.options import IngestOptions, IngestPorts
from sensorium.ingest.sidecars import files_beside, paired
from sensorium.ingest.sources import archive_of

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
    options = options or IngestOptions()
    return _Run(scope, ports, named_roots(paths), options, opens=lambda source: options.archives).receipt()


def retry(scope: Scope, ports: IngestPorts, options: IngestOptions | None = None) -> Receipt:
    """Tries again every file that was refused, under the rules that it was refused by.

    An archive is opened again where something in it was refused, and not where it was refused itself.
    """
    roots: dict[str, Root] = {}
    opened: set[str] = set()
    for refusal in ports.sources.refusals(scope):
        archive = archive_of(refusal.source)
        if archive is not None:
            opened.add(archive)
            roots[archive] = Root(path=archive)
        else:
            roots.setdefault(refusal.source, Root(path=refusal.source, by_name=refusal.code != "excluded"))
    options = options or IngestOptions()
    return _Run(scope, ports, tuple(roots.values()), options, opens=opened.__contains__).receipt()


class _Run:
    """One call of `add` or `retry`."""

    def __init__(
        self,
        scope: Scope,
        ports: IngestPorts,
        roots: tuple[Root, ...],
        options: IngestOptions,
        opens: Callable[[str], bool],
    ) -> None:
        self._scope = scope
        self._ports = ports
        self._roots = roots
        self._options = options
        self._opens = opens
        self._request: ReadRequest = read_request(ports.encoders, ports.perceivers, options.settings)
        self._making = Making(ports, self._request, options.stop)
        self._receipt = Receipt()
        self._files = 0

    def receipt(self) -> Receipt:
        start = time.perf_counter()
        try:
            self._run()
        except Stopped:
            self._receipt.interrupted = True
        self._receipt.seconds = time.perf_counter() - start
        return self._receipt

    def _run(self) -> None:
        walked, beside = self._discover(), files_beside()
        found = paired(walked, beside)
        self._known = Known(self._scope, self._ports.sources, self._roots, found)
        self._ledger = Ledger(self._scope, self._ports.sources, self._roots, self._known, self._options.clock)
        again = self._settle(found, self._ledger.is_known)
        if again:
            self._settle(paired(_entries(again), beside), lambda content_hash: False)
        present = {entry.source for entry in walked}.union(*((entry.source, *entry.sidecars) for entry in found))
        self._commit(self._ledger.judge_absent(present, prune=self._options.prune))

    def _discover(self) -> list[Found]:
        found: list[Found] = []
        for entry in walk(self._roots):
            found.append(entry)
            if len(found) % _TELL_EVERY == 0:
                self._options.progress.discovered(len(found))
                self._check_stop()
        self._files = len(found)
        self._options.progress.discovered(self._files)
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

    def _whole(self, steps: Iterable[Step]) -> Iterator[Verdict]:
        """The verdicts alone: parts of long files are encoded and kept as they come."""
        for step in steps:
            if isinstance(step, ReadPart):
                self._check_stop()
                self._making.keep(step, self._ledger.item_of(step.content_hash))
                self._options.progress.advanced(step.source, step.document.next or 0.0, step.document.length)
            elif isinstance(step, OpenedArchive):
                self._files += step.files - 1
                self._options.progress.discovered(self._files)
            else:
                yield step

    def _resume(self, content_hash: str) -> Resumed | None:
        return self._making.resume(self._ledger.item_of(content_hash))

    def _examine(self, found: Sequence[Found], is_known: Callable[[str], bool]) -> Iterator[Step]:
        """The verdicts, made in the reading thread."""
        archives = Archives(
            unpacker=self._ports.unpacker,
            opens=self._opens,
            scratch=self._options.scratch,
            held=self._known.members,
            refused=self._known.refused,
        )
        examiner = Examiner(
            reader=self._ports.reader,
            recognise=self._ports.recognise,
            request=self._request,
            largest=self._options.settings.file_bytes,
            sightings=self._known.skippable,
            joined=self._known.joined,
            archives=archives,
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


def _entries(sources: Iterable[str]) -> list[Found]:
    """What to look at once more: files, and archives with those of their members."""
    found: dict[str, Found] = {}
    for source in sources:
        archive = archive_of(source) or source
        members = found[archive].members or frozenset() if archive in found else frozenset()
        found[archive] = Found(source=archive, members=members | {source} if archive != source else None)
    return list(found.values())


def _weight(step: Step) -> int:
    """Parts of long files are large: a few of them fill the room for what is read ahead."""
    return PART_PLACES if isinstance(step, ReadPart) else 1


def _count_pieces(verdict: Verdict) -> int:
    read = verdict.document if isinstance(verdict, Examined) else None
    return 0 if read is None else len(read.pieces)
