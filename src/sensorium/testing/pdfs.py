"""PDF documents written by hand, for tests: small enough to read, and as broken as one wants them.

>>> Pdf().page(text(72, 100, "Tea is hot.")).data()[:8]
b'%PDF-1.7'
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

WIDTH, HEIGHT = 612, 792
"""Points: US Letter, the size of a page that names none."""

FONTS = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> " + (
    "/F2 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >> >>"
)


def text(left: float, top: float, words: str, *, size: float = 11, bold: bool = False, height: float = HEIGHT) -> str:
    """Content that writes one line, its base line `top` points below the top of a page of that height."""
    safe = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{'F2' if bold else 'F1'} {size} Tf 1 0 0 1 {left} {height - top} Tm ({safe}) Tj ET\n"


def lines(left: float, top: float, texts: Iterable[str], *, step: float = 14, size: float = 11) -> str:
    """Content that writes lines below each other."""
    return "".join(text(left, top + step * number, line, size=size) for number, line in enumerate(texts))


def rule(left: float, top: float, right: float, bottom: float, *, height: float = HEIGHT) -> str:
    """Content that draws a line."""
    return f"0 G 1 w {left} {height - top} m {right} {height - bottom} l S\n"


def panel(left: float, top: float, right: float, bottom: float, *, grey: float = 0.5, height: float = HEIGHT) -> str:
    """Content that fills a rectangle."""
    return f"{grey} g {left} {height - bottom} {right - left} {bottom - top} re f 0 g\n"


def placed(name: str, left: float, top: float, right: float, bottom: float, *, height: float = HEIGHT) -> str:
    """Content that shows the picture of that name in a box."""
    return f"q {right - left} 0 0 {bottom - top} {left} {height - bottom} cm /{name} Do Q\n"


def stream(head: str, data: bytes) -> bytes:
    """A stream object's body."""
    return f"<< {head} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def picture(width: int, height: int, pixels: bytes, *, head: str = "") -> bytes:
    """A grey picture; `pixels` are its rows, and may be fewer than it claims."""
    fields = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray"
    return stream(f"{fields} /BitsPerComponent 8 /Filter /FlateDecode {head}", zlib.compress(pixels, 9))


@dataclass(slots=True)
class Pdf:
    """Objects in the making; number 1 is the catalogue, 2 the tree of pages.

    catalogue, trailer: further entries of these two.
    """

    catalogue: str = ""
    trailer: str = ""
    objects: dict[int, bytes] = field(default_factory=dict)
    pages: list[int] = field(default_factory=list)

    def add(self, body: bytes | str) -> int:
        """Adds an object and returns its number."""
        number = next(reversed(self.objects), 2) + 1
        while number in self.objects:
            number += 1
        self.objects[number] = body if isinstance(body, bytes) else body.encode("latin-1")
        return number

    def page(self, content: str | bytes = "", *, entries: str = "", pictures: Iterable[tuple[str, int]] = ()) -> Pdf:
        """Adds a page. entries: of its dictionary, as `/Rotate 90`. pictures: name and object number of each."""
        raw = content if isinstance(content, bytes) else content.encode("cp1252")
        return self.page_of(self.add(stream("", raw)), entries=entries, pictures=pictures)

    def page_of(self, content: int, *, entries: str = "", pictures: Iterable[tuple[str, int]] = ()) -> Pdf:
        """Adds a page whose content is the object of that number."""
        names = " ".join(f"/{name} {number} 0 R" for name, number in pictures)
        box = "" if "/MediaBox" in entries else f"/MediaBox [0 0 {WIDTH} {HEIGHT}]"
        resources = f"/Resources << {FONTS} /XObject << {names} >> >>"
        head = f"<< /Type /Page /Parent 2 0 R {box} {resources} /Contents {content} 0 R {entries} >>"
        self.pages.append(self.add(head))
        return self

    def data(self) -> bytes:
        """The file."""
        kids = " ".join(f"{number} 0 R" for number in self.pages)
        objects = {
            1: f"<< /Type /Catalog /Pages 2 0 R {self.catalogue} >>".encode(),
            2: f"<< /Type /Pages /Kids [{kids}] /Count {len(self.pages)} >>".encode(),
            **self.objects,
        }
        data = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = {}
        for number in sorted(objects):
            places[number] = len(data)
            data += f"{number} 0 obj\n".encode() + objects[number] + b"\nendobj\n"
        start = len(data)
        size = max(objects) + 1
        data += f"xref\n0 {size}\n0000000000 65535 f \n".encode()
        for number in range(1, size):
            entry = f"{places[number]:010d} 00000 n \n" if number in places else "0000000000 65535 f \n"
            data += entry.encode()
        data += f"trailer\n<< /Size {size} /Root 1 0 R {self.trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
        return bytes(data)
