"""Parses XML that nobody vouches for: no document type, no entity of its own, bounded depth and number of elements.

Names lose their namespace, because the same vocabulary comes in several (transitional and strict Office documents,
versions of OpenDocument). Attributes of the relationships namespace are the exception: `r:id` stands beside `id`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from sensorium.core.errors import DamagedFile, TooLarge

MOST_DEPTH = 200
MOST_ELEMENTS = 1_000_000

SEPARATOR = "\n"
"""Between namespace and name, as expat hands them over; no name holds a line end."""

PACK_ANEW = "open it in another program and save it anew"


def parse(data: bytes) -> Element:
    """The tree of an XML document. Raises DamagedFile (not well formed, or a document type) or TooLarge.

    >>> parse(b'<w:p xmlns:w="urn:w" w:val="1"><w:t>one</w:t></w:p>')[0].text
    'one'
    >>> parse(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    Traceback (most recent call last):
    ...
    sensorium.core.errors.DamagedFile: XML with a document type, which this format does not use; open it in ...
    """
    builder = _Builder(None, None)
    _run(data, builder)
    return builder.root


def each(data: bytes, name: str, take: Callable[[Element], None]) -> None:
    """Hands over every element of that name when it is complete, and forgets it: for parts as long as a sheet.

    Elements of that name that lie in one another come as part of the outermost. Raises as `parse` does.

    >>> each(b"<a><row><c/></row><row/></a>", "row", lambda row: print(len(row)))
    1
    0
    """
    _run(data, _Builder(name, take))


def children(element: Element | None, *names: str) -> Iterator[Element]:
    """The children of these names, in order; none of no element."""
    if element is not None:
        yield from (child for child in element if child.tag in names)


def descend(element: Element | None, *path: str) -> Element | None:
    """The first child of the first name, its first child of the next, and so on; None where the path ends early."""
    for name in path:
        element = next(children(element, name), None)
    return element


class _Builder:
    """Receives what expat reads; keeps the whole tree, or only elements of one name until they are taken."""

    def __init__(self, name: str | None, take: Callable[[Element], None] | None) -> None:
        self._name = name
        self._take = take
        self._tree: TreeBuilder | None = None if name else TreeBuilder()
        self._depth = 0
        self._elements = 0
        self._since = 0
        self._names: dict[str, str] = {}

    @property
    def root(self) -> Element:
        assert self._tree is not None
        return self._tree.close()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MOST_DEPTH:
            raise DamagedFile(f"XML that is nested deeper than {MOST_DEPTH}", remedy=PACK_ANEW)
        tag = name.rpartition(SEPARATOR)[2]
        if self._tree is None and tag == self._name:
            self._tree, self._since, self._elements = TreeBuilder(), self._depth, 1
        if self._tree is not None:
            if self._elements > MOST_ELEMENTS:
                raise TooLarge(f"XML of more than {MOST_ELEMENTS} elements", remedy="split it and add the parts")
            self._tree.start(tag, {self._plain(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        if self._tree is not None:
            self._tree.end(name.rpartition(SEPARATOR)[2])
            if self._take is not None and self._depth == self._since:
                tree, self._tree = self._tree, None
                self._take(tree.close())
        self._depth -= 1

    def data(self, text: str) -> None:
        if self._tree is not None:
            self._tree.data(text)

    def _plain(self, name: str) -> str:
        """The name of an attribute."""
        known = self._names.get(name)
        if known is None:
            space, _, local = name.rpartition(SEPARATOR)
            known = self._names[name] = f"r:{local}" if space.endswith("/relationships") else local
        return known


def _run(data: bytes, builder: _Builder) -> None:
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _no_document_type
    parser.EntityDeclHandler = _no_document_type
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: an encoding that is none
        raise DamagedFile(f"not well formed XML ({str(error)[:80]})", remedy=PACK_ANEW) from None


def _no_document_type(*_: object) -> NoReturn:
    raise DamagedFile("XML with a document type, which this format does not use", remedy=PACK_ANEW)
