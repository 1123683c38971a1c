"""What reading a document out of a container needs, and what it gives: shared by all formats of that kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sensorium.core.contents import Document, DraftPiece, ReadRequest
from sensorium.core.errors import EmptyFile, TooLarge
from sensorium.core.items import Modality, Producer
from sensorium.core.settings import Settings
from sensorium.readers.archives.zipped import Zipped
from sensorium.readers.figures import Figures
from sensorium.readers.flow import HEADING_CHARACTERS, Block, Kind, Part

PRODUCER = Producer(name="reader.document", version="1")


@dataclass(slots=True)
class Job:
    """One document that is being read: the container, what is asked for, and what was left out so far."""

    container: Zipped
    request: ReadRequest
    settings: Settings
    figures: Figures = field(init=False)
    notes: list[str] = field(default_factory=list)
    tables: int = 0
    written: int = 0

    def __post_init__(self) -> None:
        self.figures = Figures(self.request, self.settings)

    def next_table(self) -> int:
        """A number that no other table of this document has."""
        self.tables += 1
        return self.tables

    def write(self, characters: int) -> None:
        """Counts text that a file may ask for many times. Raises TooLarge above `Settings.text_bytes`."""
        self.written += characters
        if self.written > self.settings.text_bytes:
            what = f"a document with more than {self.settings.text_bytes} characters"
            raise TooLarge(what, remedy="split it, or raise SENSORIUM_TEXT_BYTES")

    def part_of(self, pages: Sequence[str]) -> tuple[range, float | None]:
        """Indices of the pages to read now, and where the next part starts. Raises TooLarge for too many pages."""
        if len(pages) > self.settings.document_pages:
            what = f"a document of {len(pages)} pages"
            raise TooLarge(what, remedy="split it, or raise SENSORIUM_DOCUMENT_PAGES")
        start = min(int(self.request.start), len(pages))
        end = min(start + self.settings.document_part_pages, len(pages))
        return range(start, end), float(end) if end < len(pages) else None

    def document(
        self, media_type: str, title: str, pieces: Iterable[DraftPiece], paged: tuple[float | None, int] | None = None
    ) -> Document:
        """What was read. paged: where the next part starts, and the number of pages. Raises EmptyFile."""
        found = tuple(pieces)
        following, length = paged or (None, None)
        if not found and following is None and not self.request.start:
            raise EmptyFile(
                "a document without text or pictures", remedy="nothing to do, there is nothing to find in it"
            )
        return Document(
            modality=Modality.DOCUMENT,
            media_type=media_type,
            title=" ".join(title.split())[:HEADING_CHARACTERS],
            pieces=found,
            reader=PRODUCER,
            next=following,
            length=None if length is None else float(length),
            notes=(*self.notes, *self.figures.notes),
        )


def title_of(parts: Iterable[Part]) -> str:
    """The first heading, else the first short line, else ""."""
    blocks = [part for part in parts if isinstance(part, Block) and part.text.strip()]
    heading = next((block.text for block in blocks if block.kind is Kind.HEADING), "")
    if heading or not blocks:
        return heading
    first = blocks[0].text.strip()
    return first if len(first) <= HEADING_CHARACTERS and "\n" not in first else ""
