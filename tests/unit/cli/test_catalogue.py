"""`sensorium catalogue` over a real library."""

import pytest

ROWS = "sku,name,price,photo\nA1,red cup,4.00,red.png\nA2,green pot,n/a,gone.png\n,nothing,1,\n"


@pytest.fixture
def shop(tmp_path, files):
    path = tmp_path / "shop.csv"
    path.write_text(ROWS)
    return path


def test_rows_are_added_and_what_was_decided_is_told(run, shop, files) -> None:
    ended = run("catalogue", shop, "--key", "sku", "--title", "name", "--image", "photo", "--images", files)
    assert ended.status == 0
    assert ended.out.startswith("2 added, 1 refused in ")
    assert "columns taken for: sku: text, name: text, price: number, photo: text" in ended.err
    assert f"added catalogue:{shop}/A2: gone.png: it was there a moment ago and is gone" in ended.err
    assert "row 3 has no sku" in ended.err
    assert "red cup" in run("search", "red", "--where", "price < 5").out


def test_a_kind_can_be_declared(run, shop) -> None:
    ended = run(
        "catalogue", shop, "--key", "sku", "--type", "price=text", "--text", "name", "--name", "shop", "--prune"
    )
    assert "columns declared: price: text" in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--key", "id"), "no column is titled 'id'"),
        (("--key", "sku", "--type", "price"), "write COLUMN=KIND"),
        (("--key", "sku", "--type", "price=money"), "write COLUMN=KIND"),
    ],
)
def test_what_is_not_there_is_an_error(run, shop, words, said) -> None:
    ended = run("catalogue", shop, *words)
    assert (ended.status, ended.out) == (1, "")
    assert said in ended.err
