"""How the parts of an Office document name one another: relationships and content types (ECMA-376, part 2)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from sensorium.core.errors import DamagedFile
from sensorium.core.settings import Settings
from sensorium.readers.archives.zipped import Zipped
from sensorium.readers.markup import children, parse


@dataclass(frozen=True, slots=True)
class Relation:
    """kind: the last word of its type ("image", "slide"). target: the name of a part of the same container."""

    kind: str
    target: str


Relations = dict[str, Relation]
"""Relations by the id that a part uses for them."""


class Package:
    """The parts of a document in a zip container."""

    def __init__(self, container: Zipped, settings: Settings) -> None:
        self.container = container
        self._settings = settings

    def __contains__(self, name: str) -> bool:
        return name in self.container

    def xml(self, name: str) -> Element:
        """A part as a tree. Raises DamagedFile (missing, no XML) or TooLarge."""
        return parse(self.xml_bytes(name))

    def xml_bytes(self, name: str) -> bytes:
        """A part that holds XML, of at most `Settings.text_bytes`. Raises DamagedFile or TooLarge."""
        if name not in self.container:
            remedy = "open it in another program and save it anew"
            raise DamagedFile("a document of which a part is missing", remedy=remedy)
        return self.container.read(name, self._settings.text_bytes)

    def relations(self, name: str) -> Relations:
        """What a part refers to inside the container; nothing that lies outside of it. "" for the whole package."""
        folder, base = posixpath.split(name)
        rels = posixpath.join(folder, "_rels", f"{base}.rels")
        if rels not in self:
            return {}
        found = {}
        for relation in children(self.xml(rels), "Relationship"):
            if relation.get("TargetMode") != "External":
                kind = relation.get("Type", "").rpartition("/")[2]
                found[relation.get("Id", "")] = Relation(kind, resolved(folder, relation.get("Target", "")))
        return found

    def related(self, name: str, kind: str) -> Iterator[str]:
        """The parts of one kind that a part refers to and that are there."""
        return (entry.target for entry in self.relations(name).values() if entry.kind == kind and entry.target in self)

    def main(self) -> str | None:
        """The part that the document begins with; None when this is no Office document."""
        return next(self.related("", "officeDocument"), None)


def resolved(folder: str, target: str) -> str:
    """The name of a part, from how a part in `folder` refers to it. It never leads out of the container's names.

    >>> resolved("ppt/slides", "../media/a%20b.png"), resolved("word", "/word/media/a.png#x")
    ('ppt/media/a b.png', 'word/media/a.png')
    """
    path = unquote(target.partition("#")[0])
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
