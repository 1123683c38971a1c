from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from sensorium.core.errors import DamagedFile, TooLarge
from sensorium.readers import markup
from sensorium.readers.markup import children, descend, each, parse


def test_names_lose_their_namespace_but_relations_keep_theirs() -> None:
    space = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    root = parse(f'<a xmlns:r="{space}" xmlns:w="urn:w" id="1" r:id="2" w:val="3"/>'.encode())
    assert (root.tag, root.attrib) == ("a", {"id": "1", "r:id": "2", "val": "3"})


def test_text_and_tails_are_kept() -> None:
    assert "".join(parse(b"<a>one<b>two</b>three</a>").itertext()) == "onetwothree"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings_that_a_part_declares_are_read(codec: str) -> None:
    assert parse(f'<?xml version="1.0" encoding="{codec}"?><a>Größe</a>'.encode(codec)).text == "Größe"


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://example.org/">%b;]><a/>',
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(text: str, codec: str) -> None:
    with pytest.raises(DamagedFile, match="document type"):
        parse(text.encode(codec))


@pytest.mark.parametrize(
    "data", [b"", b"<a>", b"<a></b>", b"<a>&b;</a>", b"<a/><b/>", b"\xff\xff", b"<a b=1/>", b"PK\3\4"]
)
def test_what_is_not_well_formed_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedFile, match="well formed"):
        parse(data)


def test_an_encoding_that_is_none_is_damaged() -> None:
    with pytest.raises(DamagedFile):
        parse(b'<?xml version="1.0" encoding="x-none"?><a/>')


def test_deep_nesting_is_refused() -> None:
    deep = markup.MOST_DEPTH
    assert parse(b"<a>" * deep + b"</a>" * deep)
    with pytest.raises(DamagedFile, match="nested deeper"):
        parse(b"<a>" * (deep + 1) + b"</a>" * (deep + 1))


def test_too_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MOST_ELEMENTS", 10)
    with pytest.raises(TooLarge, match="10 elements"):
        parse(b"<a>" + b"<b/>" * 10 + b"</a>")


def test_each_takes_outermost_elements_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MOST_ELEMENTS", 10)
    taken: list[Element] = []
    each(b"<a><x>1</x>" + b"<row><row>2</row></row>" * 50 + b"</a>", "row", taken.append)
    assert len(taken) == 50
    assert "".join(taken[0].itertext()) == "2"


def test_an_error_of_the_taker_comes_through() -> None:
    def take(_: Element) -> None:
        raise TooLarge("enough")

    with pytest.raises(TooLarge, match="enough"):
        each(b"<a><row/></a>", "row", take)


def test_paths_end_where_there_is_nothing() -> None:
    root = parse(b"<a><b><c/></b></a>")
    assert descend(root, "b", "c") is not None
    assert descend(root, "b", "x", "y") is None
    assert list(children(None, "a")) == []
