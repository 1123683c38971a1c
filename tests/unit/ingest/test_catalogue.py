"""A catalogue's rows become items, known by their key; what only changes facts is not encoded anew."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from sensorium.core.attributes import Point
from sensorium.core.contents import Content, Role
from sensorium.core.errors import BadInput
from sensorium.core.items import Item, Modality
from sensorium.core.predicates import Compare, Predicate
from sensorium.core.receipts import Outcome, Receipt
from sensorium.core.scopes import EVERYTHING, Filter
from sensorium.core.spaces import Vectors
from sensorium.ingest.catalogue import CatalogueForm, add_catalogue
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.encoders import HashEncoder

from .conftest import OWNER, Bench

ROWS = """sku,name,colour,price,stock,sold,since,photo
A1,Green tea pot,Green,19.50,3,no,2024-03-01,pot.img
A2,Red cup,Red,4.00,0,yes,2023-12-24,
A3,Blue bowl,Blue|Navy,7.25,12,no,,bowl.img
"""
FORM = CatalogueForm(key="sku", title="name", images=("photo",))


class Counting(HashEncoder):
    """Counts what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.contents: list[Content] = []

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        self.contents += contents
        return super().encode(modality, contents, role)


@dataclass
class Shop:
    """A catalogue in a folder, and the library that it is added to."""

    bench: Bench
    encoder: Counting
    store: SqliteStore

    def add(
        self, text: str = ROWS, form: CatalogueForm = FORM, *, name: str = "shop.csv", **choices: object
    ) -> Receipt:
        path = self.bench.write(name, text)
        options = self.bench.options(**choices)
        return add_catalogue(OWNER, self.bench.ports, self.store, path, form, options)

    @property
    def items(self) -> dict[str, Item]:
        return {str(item.lineage.source).rpartition("/")[2]: item for item in self.store.items(OWNER, EVERYTHING)}

    def where(self, where: Predicate) -> list[str]:
        return [item.lineage.source.rpartition("/")[2] for item in self.store.items(OWNER, Filter(where=where))]

    def says(self, key: str) -> list[str | None]:
        return [piece.text for piece in self.store.pieces_of(OWNER, self.items[key].id)]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    folder = tmp_path / "files"
    folder.mkdir()
    encoder = Counting()
    with SqliteStore.open(tmp_path / "library", create=True) as store:
        store.add_space(encoder.space)
        bench = Bench(store, folder, encoders=(encoder,))
        bench.write("pot.img", b"IMG\x10\xf0\x10")
        bench.write("bowl.img", b"IMG\x10\x10\xf0")
        yield Shop(bench, encoder, store)


def outcomes(receipt: Receipt) -> list[tuple[str, str]]:
    return [(line.source.rpartition("/")[2], str(line.outcome)) for line in receipt]


def test_each_row_is_an_item_with_typed_attributes(shop: Shop) -> None:
    assert outcomes(shop.add()) == [("A1", "added"), ("A2", "added"), ("A3", "added")]
    assert dict(shop.items["A1"].attributes) == {
        "sku": "A1",
        "name": "Green tea pot",
        "colour": ("Green",),
        "price": 19.5,
        "stock": 3,
        "sold": False,
        "since": date(2024, 3, 1),
    }
    assert "since" not in shop.items["A3"].attributes
    assert shop.where(Compare("price", "<", 10) & Compare("sold", "=", False)) == ["A3"]
    assert shop.where(Compare("colour", "=", "navy")) == ["A3"]


def test_a_row_has_its_pictures_and_its_text(shop: Shop) -> None:
    shop.add()
    assert (shop.items["A1"].modality, shop.items["A2"].modality) == (Modality.IMAGE, Modality.TEXT)
    assert shop.says("A1") == [None, "Green tea pot\ncolour: Green"]
    assert shop.says("A2") == ["Red cup\ncolour: Red"]
    [picture, _] = shop.store.pieces_of(OWNER, shop.items["A1"].id)
    assert shop.store.previews(OWNER, [picture.id])


def test_the_receipt_says_what_columns_were_taken_for(shop: Shop) -> None:
    receipt = shop.add(form=CatalogueForm(key="sku", types={"colour": "text"}))
    assert receipt.notes == [
        "columns taken for: sku: text, name: text, price: number, stock: number, sold: boolean, since: date, "
        "photo: text; columns declared: colour: text"
    ]


def test_adding_twice_reads_and_encodes_nothing(shop: Shop) -> None:
    shop.add()
    before = shop.store.generation()
    shop.encoder.contents.clear()
    shop.bench.reader.read_contents.clear()
    assert {outcome for _, outcome in outcomes(shop.add())} == {"known"}
    assert (shop.encoder.contents, shop.bench.reader.read_contents, shop.store.generation()) == ([], [], before)


def test_a_changed_price_is_changed_in_place_and_nothing_is_encoded(shop: Shop) -> None:
    shop.add()
    ids = {key: item.id for key, item in shop.items.items()}
    shop.encoder.contents.clear()
    receipt = shop.add(ROWS.replace("19.50,3,no", "15.00,0,yes"))
    assert outcomes(receipt) == [("A1", "changed"), ("A2", "known"), ("A3", "known")]
    assert shop.encoder.contents == []
    assert {key: item.id for key, item in shop.items.items()} == ids
    assert shop.where(Compare("price", "=", 15)) == ["A1"]
    assert shop.where(Compare("sold", "=", True)) == ["A1", "A2"]


def test_a_changed_text_is_encoded_anew_and_replaces_the_row(shop: Shop) -> None:
    shop.add()
    old = shop.items["A2"].id
    shop.encoder.contents.clear()
    assert outcomes(shop.add(ROWS.replace("Red cup", "Crimson cup")))[1] == ("A2", "changed")
    assert shop.encoder.contents == ["Crimson cup\ncolour: Red"]
    assert old not in [item.id for item in shop.items.values()]
    assert len(shop.items) == 3


def test_a_changed_picture_is_read_anew(shop: Shop) -> None:
    shop.add()
    shop.bench.write("pot.img", b"IMG\xf0\x10\x10")
    assert outcomes(shop.add())[0] == ("A1", "changed")
    assert len(shop.items) == 3


def test_rows_that_vanished_are_told_and_kept(shop: Shop) -> None:
    shop.add()
    fewer = ROWS.replace("A2,Red cup,Red,4.00,0,yes,2023-12-24,\n", "")
    assert outcomes(shop.add(fewer))[-1] == ("A2", "vanished")
    assert "A2" in shop.items
    assert outcomes(shop.add(fewer, prune=True))[-1] == ("A2", "forgotten")
    assert "A2" not in shop.items


def test_a_file_without_rows_forgets_nothing(shop: Shop) -> None:
    shop.add()
    with pytest.raises(BadInput, match="holds no rows"):
        shop.add(ROWS.splitlines()[0] + "\n", prune=True)
    assert len(shop.items) == 3


def test_a_catalogue_with_a_name_is_the_same_in_another_file(shop: Shop) -> None:
    named = CatalogueForm(key="sku", title="name", name="shop")
    shop.add(form=named, name="may.csv")
    assert {outcome for _, outcome in outcomes(shop.add(form=named, name="june.csv"))} == {"known"}
    assert shop.items["A1"].lineage.source == "catalogue:shop/A1"


def test_catalogues_without_a_name_do_not_mix(shop: Shop) -> None:
    shop.add(name="one.csv")
    assert {outcome for _, outcome in outcomes(shop.add(name="two.csv"))} == {"added"}


def test_rows_without_a_key_or_with_one_that_was_there_are_refused(shop: Shop) -> None:
    receipt = shop.add("sku,name\nA1,one\n,two\nA1,three\n", CatalogueForm(key="sku"))
    assert [(line.outcome, line.code) for line in receipt] == [
        (Outcome.REFUSED, "no-key"),
        (Outcome.REFUSED, "same-key"),
        (Outcome.ADDED, ""),
    ]


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("gone.img", "gone.img: it was there a moment ago and is gone"),
        ("../secret.img", "../secret.img: it lies outside of the folder of pictures"),
        ("/etc/hostname", "/etc/hostname: it lies outside of the folder of pictures"),
        ("https://example.com/a.png", "a link is not followed"),
        ("link.img", "link.img: it lies outside of the folder"),
        ("folder", "folder: it is no file"),
    ],
)
def test_a_picture_that_is_not_to_be_had_is_left_out_and_told(shop: Shop, cell: str, why: str) -> None:
    (shop.bench.folder.parent / "secret.img").write_bytes(b"IMG\x01\x02\x03")
    (shop.bench.folder / "link.img").symlink_to(shop.bench.folder.parent / "secret.img")
    (shop.bench.folder / "folder").mkdir()
    receipt = shop.add(f"sku,photo\nA1,{cell}\n", CatalogueForm(key="sku", images=("photo",)))
    [line] = receipt
    assert line.outcome is Outcome.ADDED
    assert why in line.reason
    assert shop.says("A1") == ["A1"]


def test_a_file_that_is_no_picture_is_told_in_the_notes(shop: Shop) -> None:
    shop.bench.write("note.txt", "no picture")
    receipt = shop.add("sku,photo\nA1,note.txt\n", CatalogueForm(key="sku", images=("photo",)))
    assert any("note.txt: it is no picture" in note for note in receipt.notes)
    assert shop.bench.reader.read_contents == []


def test_several_pictures_of_a_row_are_pieces_of_it(shop: Shop) -> None:
    shop.add("sku,photo\nA1,pot.img|bowl.img\n", CatalogueForm(key="sku", images=("photo",)))
    assert shop.says("A1") == [None, None, "A1"]


def test_records_of_json_keep_their_types(shop: Shop) -> None:
    records = [
        {"id": 7, "price": {"eur": 5}, "tags": ["new", "sale"], "place": {"lat": 48.2, "lon": 16.4}, "sold": True},
        {"id": 8, "price": {"eur": 6.5}, "tags": [], "place": None, "sold": None, "note": "a\u0000b\ud800"},
    ]
    for name, text in {
        "lines.jsonl": "\n".join(map(json.dumps, records)),
        "array.json": json.dumps(records),
    }.items():
        shop.add(text, CatalogueForm(key="id", name="same"), name=name)
    assert dict(shop.items["7"].attributes) == {
        "id": 7,
        "price.eur": 5,
        "tags": ("new", "sale"),
        "place": Point(48.2, 16.4),
        "sold": True,
    }
    assert dict(shop.items["8"].attributes) == {"id": 8, "price.eur": 6.5, "note": "ab?"}


def test_a_value_that_is_not_of_its_declared_kind_is_left_out_and_told(shop: Shop) -> None:
    receipt = shop.add("sku,price\nA1,cheap\nA2,5\n", CatalogueForm(key="sku", types={"price": "number"}))
    assert [line.reason for line in receipt] == ["price: 'cheap' is no number, left out", ""]
    assert shop.where(Compare("price", "=", 5)) == ["A2"]


def test_latitude_and_longitude_are_a_place(shop: Shop) -> None:
    shop.add("sku,lat,lon\nA1,48.2,16.4\nA2,95,16.4\n", CatalogueForm(key="sku"))
    assert shop.items["A1"].attributes["place"] == Point(48.2, 16.4)
    assert "place" not in shop.items["A2"].attributes


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (CatalogueForm(key="id"), "no column is titled 'id'; name one of: sku, name"),
        (CatalogueForm(key="sku", images=("picture",)), "no column is titled 'picture'"),
        (CatalogueForm(key="sku", types={"prize": "number"}), "no column is titled 'prize'"),
        (CatalogueForm(key="sku", types={"price": "money"}), "say one of: text, number"),
    ],
)
def test_a_column_that_is_not_there_is_an_error_and_nothing_is_added(
    shop: Shop, form: CatalogueForm, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        shop.add(form=form)
    assert shop.items == {}


def test_what_was_settled_before_a_stop_stays_and_the_rest_follows(shop: Shop) -> None:
    rows = "sku,name\n" + "".join(f"A{n},thing {n}\n" for n in range(10))
    options = shop.bench.options()

    class Stops:
        """Stops after the first row."""

        def discovered(self, files: int) -> None: ...

        def advanced(self, source: str, reached: float, length: float | None) -> None: ...

        def settled(self, line: object) -> None:
            options.stop.set()

    form = CatalogueForm(key="sku", name="shop")
    receipt = shop.add(rows, form, progress=Stops(), stop=options.stop)
    assert (receipt.interrupted, len(shop.items)) == (True, 4)
    again = shop.add(rows, form)
    assert (again.counts[Outcome.KNOWN], again.counts[Outcome.ADDED]) == (4, 6)
