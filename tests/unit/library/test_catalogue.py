"""A catalogue through the real store, index and reading process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sensorium
from sensorium.core.receipts import Outcome
from sensorium.library import Library
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.pictures import write_png

ROWS = """sku,name,colour,price,photo
A1,tea pot,green,19.50,green.png
A2,cup,red,4.00,red.png
A3,bowl,blue,7.25,
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write_png(tmp_path / "green.png", (20, 200, 20))
    write_png(tmp_path / "red.png", (200, 20, 20))
    path = tmp_path / "shop.csv"
    path.write_text(ROWS)
    return path


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as opened:
        yield opened


def titles(results: sensorium.SearchResults) -> list[str]:
    return [hit.item.title for hit in results]


def test_rows_are_found_by_text_and_picture_and_narrowed_by_their_columns(library: Library, shop: Path) -> None:
    receipt = library.add_catalogue(shop, key="sku", title="name", images=["photo"])
    assert receipt.counts == {Outcome.ADDED: 3}
    assert titles(library.search("cup red"))[0] == "cup"
    assert titles(library.search(image=shop.with_name("green.png")))[0] == "tea pot"
    assert titles(library.search("cup red", where="price > 5 and colour in (green, blue)", k=5)) in (
        ["bowl", "tea pot"],
        ["tea pot", "bowl"],
    )
    [price] = library.facets(fields=["price"])
    assert (price.items, price.low, price.high) == (3, 4.0, 19.5)
    assert library.show(library.search("cup red")[0].item.id).sources == (f"catalogue:{shop}/A2",)


def test_a_new_price_is_found_at_once_and_vectors_stay(library: Library, shop: Path) -> None:
    library.add_catalogue(shop, key="sku", title="name", images=["photo"])
    before = {hit.piece.id for hit in library.search("cup", where="price < 100", per_item=0)}
    shop.write_text(ROWS.replace("19.50", "1.00"))
    receipt = library.add_catalogue(shop, key="sku", title="name", images=["photo"])
    assert receipt.counts == {Outcome.CHANGED: 1, Outcome.KNOWN: 2}
    assert titles(library.search("cup", where="price < 2")) == ["tea pot"]
    assert {hit.piece.id for hit in library.search("cup", where="price < 100", per_item=0)} == before
    assert library.doctor().healthy


def test_a_row_that_is_forgotten_leaves_no_byte(library: Library, shop: Path) -> None:
    shop.write_text(ROWS.replace("bowl", "unmistakable"))
    library.add_catalogue(shop, key="sku", title="name")
    shop.write_text("\n".join(ROWS.splitlines()[:3]))
    assert library.add_catalogue(shop, key="sku", title="name", prune=True).counts[Outcome.FORGOTTEN] == 1
    left = [path for path in library.path.rglob("*") if path.is_file() and b"unmistakable" in path.read_bytes()]
    assert not left


def test_adding_the_folder_of_a_catalogue_with_prune_keeps_its_rows(library: Library, shop: Path) -> None:
    library.add_catalogue(shop, key="sku", title="name")
    library.add(shop.parent / "green.png", prune=True)
    (shop.parent / "green.png").rename(shop.parent / "moved.png")
    library.add(shop, prune=True)
    assert len(library.search("cup", where="price > 0", k=10)) == 3


def test_a_row_is_shown_and_forgotten_by_the_source_that_a_hit_names(library: Library, shop: Path) -> None:
    library.add_catalogue(shop, key="sku", title="name", name="shop")
    assert library.show("catalogue:shop/A1").item.title == "tea pot"
    assert library.forget("catalogue:shop/A1").counts == {Outcome.FORGOTTEN: 1}
    assert "tea pot" not in titles(library.search("tea pot", k=10))


def test_a_parquet_file_is_a_catalogue(library: Library, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    path = tmp_path / "stock.parquet"
    rows = {"sku": ["P1", "P2"], "name": ["green tea pot", "blue bowl"], "price": [19.5, 7.25]}
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table(rows), path)
    receipt = library.add_catalogue(path, key="sku", title="name")
    assert [line.outcome for line in receipt] == [Outcome.ADDED] * 2
    assert titles(library.search("bowl", where="price < 10")) == ["blue bowl"]
