"""Every port of the machine but those of stores, which `core.store_ports` has.

A port is a small Protocol; an adapter is one file that fits it and passes the port's contract suite in
`sensorium.testing`. Rooms that use a port never import an adapter; `library.py` joins them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import IO, BinaryIO, Protocol, runtime_checkable

from sensorium.core.answers import AnswerRequest, Draft, Spent
from sensorium.core.banks import QueryBank
from sensorium.core.budgets import Budget
from sensorium.core.calibration import Calibration
from sensorium.core.candidates import IndexStamp, Neighbours, Ranked, VectorChanges
from sensorium.core.contents import (
    AudioInput,
    Content,
    Document,
    DraftPiece,
    ImageInput,
    Member,
    ReadRequest,
    Role,
    Track,
)
from sensorium.core.departures import Departure
from sensorium.core.details import DetailForm, Details
from sensorium.core.explanations import Told
from sensorium.core.items import Modality, Producer
from sensorium.core.queries import Query
from sensorium.core.receipts import ReceiptLine
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings
from sensorium.core.spaces import Keys, Space, Vectors
from sensorium.core.store_ports import PieceStore

# -- reading ---------------------------------------------------------------------------------------------------------


@runtime_checkable
class Reader(Protocol):
    """Untrusted bytes of some media types -> a document. Runs in the guarded child process only."""

    media_types: frozenset[str]

    def read(self, stream: BinaryIO, media_type: str, request: ReadRequest, settings: Settings) -> Document:
        """Raises a `Refused` with its reason for what can not be read."""
        ...


class GuardedReader(Protocol):
    """The parent's side of reading: hands an open file to the child process and checks what comes back."""

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        """Reads the open file from its start. Raises `Refused`; whatever happens, the next call works."""
        ...

    def close(self) -> None:
        """Ends the child process."""
        ...


class Unpacker(Protocol):
    """The parent's side of opening archives, which are taken apart in the child process."""

    def unpack(self, descriptor: int, into: IO[bytes]) -> tuple[Member, ...]:
        """Writes the bytes of all members of an open archive to `into`, which holds none, one after the other.

        Raises `Refused` where nothing of it is to be used; whatever happens, the next call works.
        """
        ...


@runtime_checkable
class Perceiver(Protocol):
    """What a document's contents say -> further pieces: speech out of its track, writing out of its scans.

    producer: of what it finds. track_rate, scan_side: what it needs of `ReadRequest`; 0 for nothing. spaces: of the
    vectors that its pieces bring with them. Runs in the parent, on numbers alone.
    """

    producer: Producer
    track_rate: int
    scan_side: int
    spaces: tuple[Space, ...]

    def perceive(self, document: Document) -> Sequence[DraftPiece]:
        """The pieces that this part of a file says besides, each with its producer; none where it says nothing."""
        ...

    def conclude(self, pieces: Sequence[DraftPiece]) -> Sequence[DraftPiece]:
        """The pieces of a whole item, which may have been read in parts, with what only the whole tells of them.

        As many, in the same order; their attributes may change. Those that brought vectors have them again.
        """
        ...

    def close(self) -> None:
        """Lets go of what it holds."""
        ...


@runtime_checkable
class Listener(Perceiver, Protocol):
    """A perceiver that writes down speech."""

    def transcript(self, track: Track) -> str:
        """What is said, as one text; "" where nobody speaks."""
        ...


class PerceiverFactory(Protocol):
    """How a kind of perceiver is made. The entry points of `sensorium.perceivers` name these."""

    def load(
        self,
        settings: Settings,
        *,
        required: bool = False,
        voices: Callable[[str], Mapping[str, Vectors]] | None = None,
    ) -> Perceiver | None:
        """None where the settings do not want it, or what it needs is not installed; required: then ExtraMissing.

        voices: those that have a name, of a space of voices by its id.
        """
        ...


class ProgressListener(Protocol):
    """Told how `add` gets on. Called from the thread that called `add`."""

    def discovered(self, files: int) -> None:
        """How many files were found so far; grows until discovery ends."""
        ...

    def advanced(self, source: str, reached: float, length: float | None) -> None:
        """A long file was read and kept up to `reached`, in seconds or pages; length: of all of it, where known."""
        ...

    def settled(self, line: ReceiptLine) -> None:
        """One file has its outcome, and the store has acknowledged it."""
        ...


# -- encoding --------------------------------------------------------------------------------------------------------


@runtime_checkable
class Encoder(Protocol):
    """Pieces and questions -> unit vectors of one space."""

    space: Space
    modalities: frozenset[Modality]
    image_input: ImageInput | None

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        """float32 [len(contents), space.width], unit rows. A content's vector does not depend on its batch (1e-4)."""
        ...

    def verify(self) -> None:
        """Checks golden vectors of every tower. Raises GoldenMismatch or ModelDamaged."""
        ...

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        """How raw inner products of this pair of modalities become scores."""
        ...


@runtime_checkable
class SoundEncoder(Encoder, Protocol):
    """An encoder that takes sounds: windows of `audio_input`, int16 [n], n at most its `most_samples`; None where this
    one, as it was loaded, takes none."""

    audio_input: AudioInput | None


@runtime_checkable
class DetailedEncoder(Encoder, Protocol):
    """An encoder that also gives the rows behind a vector: those of a question's words and of a picture's cells.

    details: what they are like; None where this encoder, as it was loaded, gives none.
    """

    details: DetailForm | None

    def encode_detailed(
        self, modality: Modality, contents: Sequence[Content], role: Role
    ) -> tuple[Vectors, Details | None]:
        """The vectors that `encode` gives and, of one and the same forward, the details of each content.

        Details of a picture have `details.cells` rows and are kept with the piece; those of a question that is a text
        have a row for each word. None for everything else.
        """
        ...


@runtime_checkable
class RowNaming(Protocol):
    """What a `DetailedEncoder` has besides when it can tell which words its rows stand for."""

    def row_spans(self, text: str) -> Sequence[tuple[int, int]]:
        """For each row of the details of a question, the interval of its characters; (0, 0) for a row of no word.

        Empty where it can not be told.
        """
        ...


@runtime_checkable
class LookCurves(Protocol):
    """What an encoder has besides when closer looks at its candidates were calibrated."""

    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        """How raw scores become scores after the looks of these names, in this order; None where none was fitted."""
        ...


@runtime_checkable
class QueryBanks(Protocol):
    """What an encoder has besides when hubs of its space can be told."""

    def query_bank(self, asked: Modality) -> QueryBank | None:
        """Questions of this modality; None where there are none."""
        ...


@runtime_checkable
class WordKnowing(Protocol):
    """What an encoder has besides when it knows words and languages by its tokenizer."""

    def english_odds(self, text: str) -> float:
        """The logarithm of the odds that a text is English."""
        ...

    def knows_word(self, word: str, english: bool = True) -> bool:
        """Whether it is a common English word, or a form or a compound of such words; else of any other language."""
        ...

    def common_words_like(self, beginning: str, lengths: tuple[int, int]) -> Sequence[str]:
        """Common English words, small, that begin so, of a length in `lengths`; the most frequent first."""
        ...


# -- a closer look ---------------------------------------------------------------------------------------------------


@runtime_checkable
class Reranker(Protocol):
    """A closer look at the best candidates of one route, which the guard has verified.

    What a candidate gets depends on the question, on that candidate and on what the caller may see, so nothing that a
    caller can not see moves anything that they can. Rerankers are applied one after the other, in the order of their
    names, to questions of one part, where the encoder has a curve for what they give together (`LookCurves`).
    """

    name: str

    def applies(self, query: Query, found: Modality) -> bool:
        """Whether there is anything to look at: these parts, pieces of this modality."""
        ...

    def rescore(self, query: Query, found: Modality, keys: Sequence[int], raw: Sequence[float]) -> list[float]:
        """Raw scores in place of `raw`, one a key. A piece about which nothing more is known keeps its own."""
        ...


@runtime_checkable
class Recaller(Reranker, Protocol):
    """A reranker that knows of candidates that vectors may have missed."""

    def recall(self, query: Query, found: Modality, count: int) -> list[int]:
        """Keys of up to `count` visible pieces that are worth a look, best first."""
        ...


@runtime_checkable
class TellingReranker(Reranker, Protocol):
    """A reranker that can tell what it saw, for explanations."""

    def tell(self, query: Query, found: Modality, keys: Sequence[int]) -> Mapping[int, Told]:
        """What there is to tell of each of `keys`, for a question that it applies to; nothing about what is hidden."""
        ...


class RerankerFactory(Protocol):
    """How a kind of reranker is made for one caller. The entry points of `sensorium.rerankers` name these."""

    def load(self, scope: Scope, encoder: Encoder, store: PieceStore) -> Reranker:
        """A reranker that reads on behalf of `scope` alone; `applies` says no where it can do nothing.

        encoder: with every optional port, and a memory of the last questions; a port that the library's own encoder
        lacks gives nothing. Nothing else of that encoder is there.
        """
        ...


# -- arranging -------------------------------------------------------------------------------------------------------


@runtime_checkable
class Arranger(Protocol):
    """Puts the hits of a question, all of which the guard has verified, into another order.

    It depends on the question, on these hits and on what the caller may see. Given the same it does the same, so that
    pages of a list fit together.
    """

    name: str

    def arrange(self, query: Query, hits: Sequence[Ranked]) -> list[Ranked]:
        """The same hits in another order, best first; some may be left out, none is new.

        Score, matches and evidence stay as they are. What was done to a hit is added to its `rules`. `strength` need
        not be set: afterwards the strengths are dealt out anew in the order that came back.
        """
        ...


@runtime_checkable
class Sender(Arranger, Protocol):
    """An arranger that sends something away for it."""

    @property
    def departures(self) -> Sequence[Departure]:
        """What left the machine, for the receipt."""
        ...


class ArrangerSource(Protocol):
    """What puts hits in order for many callers: it holds what is heavy, and each search gets a light one of it."""

    name: str

    def arranger(self, scope: Scope, budget: Budget) -> Arranger | None:
        """For one search of one caller; None where it has nothing to do. What is late raises OutOfTime."""
        ...


class ArrangerFactory(Protocol):
    """How a kind of arranger is made. The entry points of `sensorium.arrangers` name these."""

    def load(self, settings: Settings, encoder: Encoder, folder: Path) -> ArrangerSource | None:
        """folder: of the library. None where the settings do not want it. Raises BadSetting, ModelDamaged."""
        ...


# -- answering -------------------------------------------------------------------------------------------------------


@runtime_checkable
class Answerer(Protocol):
    """Evidence -> sentences that cite it. It asks nothing of the library: the pack is all that it may use.

    name: what is told of it. What it gives is checked afterwards, whatever it says.
    """

    name: str

    def write(self, request: AnswerRequest, spent: Spent) -> Iterator[Draft]:
        """Sentences as they are made; `spent` is filled in meanwhile. None where the evidence answers nothing.

        Ends early, without an error, once `request.stop` is set. Raises AnswerFailed.
        """
        ...


@runtime_checkable
class Planner(Answerer, Protocol):
    """An answerer that can take a question apart better than rules do."""

    def split(self, question: str, most: int, stop: Event, spent: Spent) -> list[str]:
        """Up to `most` questions whose answers together answer this one; none where it is but one.

        It is told the question and no evidence, so nothing that was read off a file steers what is searched for.
        Raises AnswerFailed.
        """
        ...


class AnswererFactory(Protocol):
    """How a kind of answerer is made. The entry points of `sensorium.answerers` name these."""

    def load(self, settings: Settings, encoder: Encoder) -> Answerer:
        """Raises BadSetting where the settings do not say what it needs."""
        ...


# -- finding ---------------------------------------------------------------------------------------------------------


class VectorIndex(Protocol):
    """Nearest neighbours by inner product over the vectors of one space."""

    space: Space
    generation: int

    def __len__(self) -> int: ...

    def apply(self, changes: VectorChanges) -> None:
        """Removes, then adds, then stands at the generation that `changes` names."""
        ...

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Neighbours:
        """The k best among `allowed` (sorted keys; None allows all) for each row of `queries`."""
        ...

    def save(self, path: Path) -> IndexStamp:
        """Writes the file whole or not at all, durably; returns its stamp."""
        ...


class IndexFactory(Protocol):
    """How a kind of index is made. The entry points of `sensorium.indexes` name these."""

    adapter: str

    def create(self, space: Space) -> VectorIndex:
        """An empty index at generation 0."""
        ...

    def load(self, path: Path, space: Space, stamp: IndexStamp) -> VectorIndex:
        """The index in that file. Raises IndexDamaged unless the file is exactly what the stamp says."""
        ...


class IndexSource(Protocol):
    """Where search gets an index that reflects the store as it is now."""

    def current(self, space: Space) -> VectorIndex:
        """Loaded, or rebuilt, and caught up with the store's generation."""
        ...


# -- health ----------------------------------------------------------------------------------------------------------


class IndexHealth(Protocol):
    """What `doctor` asks of the index files."""

    def inspect(self, space: Space) -> list[str]:
        """What is wrong with the file on disk, one sentence each. Changes nothing."""
        ...

    def rebuild(self, space: Space) -> object:
        """Builds the index from the rows of the store and writes it."""
        ...
