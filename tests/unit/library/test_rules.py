"""Rules, sort, diversity and folds over the real store, index and reading process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import sensorium
from sensorium import Scope
from sensorium.core.errors import BadQuery, BadRules
from sensorium.core.settings import Settings
from sensorium.library import Library
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.pictures import write_png

GOODS = """sku,title,text,price,brand,stock,discontinued,released
1,parka,winter coat red,90,Acme,3,no,2024-01-01
2,mac,winter coat blue,40,Acme,0,no,2024-02-01
3,duffle,winter coat green,60,Acme,5,no,2024-03-01
4,cape,winter coat black,70,Bolt,2,no,2024-04-01
5,cloak,winter coat white,50,Bolt,1,yes,2024-05-01
6,gift card,a card for anybody,20,Acme,9,no,2024-06-01
"""

BOOST = '[[rule]]\nname = "cheap up"\nkind = "boost"\nfactor = 100\nwhere = "price < 50"\n'
HIDE = '[[rule]]\nname = "gone"\nkind = "hide"\nwhere = "discontinued"\n'
PIN = """[[rule]]
name = "gifts"
kind = "pin"
place = 2
where = "sku = 6"
when = { words = ["present*"] }
"""
FIRST = '[[rule]]\nname = "sold out last"\nkind = "first"\nwhere = "stock > 0"\n'
QUOTA = '[[rule]]\nname = "brands"\nkind = "quota"\nby = "brand"\nmost = 1\nof_first = 2\n'


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    table = tmp_path / "goods.csv"
    table.write_text(GOODS)
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as opened:
        opened.add_catalogue(table, key="sku", title="title", texts=["text"])
        yield opened


def write(library: Library, *rules: str) -> None:
    (library.path / "rules.toml").write_text("".join(rules))


def titles(results: sensorium.SearchResults) -> list[str]:
    return [hit.item.title for hit in results]


def test_without_rules_and_wishes_the_search_has_no_stage_of_arranging(library: Library) -> None:
    stages = [stage.name for stage in library.search("winter coat").trace.stages]
    assert "arrange" not in stages


def test_a_rule_moves_hits_and_says_so(library: Library) -> None:
    before = titles(library.search("winter coat red"))
    write(library, BOOST)
    results = library.search("winter coat red")
    assert (before[0], titles(results)[0]) == ("parka", "mac")
    assert [rule.name for rule in results[0].rules] == ["cheap up"]
    assert results[0].as_json()["rules"][0]["after"] == 1


def test_rules_change_no_score(library: Library) -> None:
    before = {hit.item.title: (hit.score, hit.matches) for hit in library.search("winter coat")}
    write(library, BOOST, FIRST, QUOTA)
    assert {hit.item.title: (hit.score, hit.matches) for hit in library.search("winter coat")} == before


def test_what_is_hidden_makes_room(library: Library) -> None:
    write(library, HIDE)
    assert len(library.search("winter coat", k=5)) == 5
    assert "cloak" not in titles(library.search("winter coat", k=6))


def test_what_is_hidden_is_not_counted(library: Library) -> None:
    write(library, HIDE)
    assert library.facets(fields=["brand"]).items == 5
    assert library.facets(fields=["brand"], text="winter coat").items < 6


def test_a_pin_brings_what_was_not_found_for_its_questions_alone(library: Library) -> None:
    write(library, PIN)
    found = library.search("winter coat presents", k=3)
    assert titles(found)[1] == "gift card"
    assert (found[1].evidence[0].route, found[1].rules[0].name, found[1].rules[0].before) == ("rule", "gifts", 0) or (
        found[1].rules[0].before > 2
    )
    assert "gift card" not in titles(library.search("winter coat", k=3))


def test_a_pinned_hit_has_the_score_that_it_has_among_all(library: Library) -> None:
    scores = {hit.item.title: hit.score for hit in library.search("winter coat presents", k=6)}
    write(library, PIN)
    [card] = [hit for hit in library.search("winter coat presents", k=2) if hit.item.title == "gift card"]
    assert card.score == pytest.approx(scores["gift card"])


def test_a_pin_shows_nothing_that_the_filter_leaves_out(library: Library) -> None:
    write(library, PIN)
    assert "gift card" not in titles(library.search("winter coat presents", where="price > 30"))


def test_what_is_sold_out_stands_last_and_a_brand_has_its_share(library: Library) -> None:
    write(library, FIRST, QUOTA)
    results = titles(library.search("winter coat", where="sku < 6"))
    assert results[-1] == "mac"
    brands = [str(hit.item.attributes["brand"]) for hit in library.search("winter coat", where="sku < 6")][:2]
    assert sorted(brands) == ["Acme", "Bolt"]


def test_changed_rules_apply_to_the_next_search(library: Library) -> None:
    write(library, HIDE)
    assert "cloak" not in titles(library.search("winter coat"))
    write(library, "# none\n")
    assert "cloak" in titles(library.search("winter coat"))
    (library.path / "rules.toml").unlink()
    assert "cloak" in titles(library.search("winter coat"))


def test_a_broken_file_leaves_the_last_good_rules_and_everybody_says_so(library: Library) -> None:
    write(library, HIDE)
    library.search("winter coat")
    write(library, HIDE, "[[rule]]\nname = 'b'\nkind = 'boots'\n")
    results = library.search("winter coat")
    assert "cloak" not in titles(results)
    assert results.trace.stages[0].counts["rules_broken"] == 1
    assert "rule 2, 'b': there is no kind 'boots'" in library.rules().problem
    [finding] = [one for one in library.doctor().findings if one.check == "rules"]
    assert (finding.healthy, "boots" in finding.message) == (False, True)


def test_a_library_that_is_opened_with_broken_rules_raises_until_they_are_mended(library: Library) -> None:
    write(library, "[[rule")
    with sensorium.open(library.path, encoder=HashEncoder()) as other:
        with pytest.raises(BadRules, match="this is no TOML"):
            other.search("winter coat")
        assert other.rules().problem
        write(library, "")
        assert len(other.search("winter coat")) == 6


def test_a_folder_in_place_of_the_file_is_a_broken_file(library: Library) -> None:
    (library.path / "rules.toml").mkdir()
    with sensorium.open(library.path, encoder=HashEncoder()) as other, pytest.raises(BadRules, match="it is no file"):
        other.search("winter coat")


def test_the_doctor_tells_how_many_rules_there_are(library: Library) -> None:
    write(library, HIDE, BOOST)
    [finding] = [one for one in library.doctor().findings if one.check == "rules"]
    assert (finding.healthy, finding.message) == (True, "2 rules are read")


def test_rules_can_be_left_out(library: Library) -> None:
    write(library, HIDE)
    assert "cloak" in titles(library.search("winter coat", rules=False))


def test_rules_are_shown_with_what_they_are_about(library: Library) -> None:
    write(library, HIDE, BOOST, PIN, QUOTA)
    view = library.rules()
    assert [(rule.name, rule.kind, rule.items) for rule in view.rules] == [
        ("gone", "hide", 1),
        ("cheap up", "boost", 2),
        ("gifts", "pin", 1),
        ("brands", "quota", None),
    ]
    assert {rule.hits for rule in view.rules} == {None}


def test_a_rule_that_does_nothing_has_a_warning(library: Library) -> None:
    write(library, BOOST.replace("price", "prize"), QUOTA.replace('"brand"', '"brant"').replace("brands", "other"))
    warnings = [rule.warning for rule in library.rules().rules]
    assert "no item has an attribute of this name" in warnings[0]
    assert warnings[1].startswith("brant: no item has")


def test_a_question_tries_the_rules(library: Library) -> None:
    write(library, HIDE, BOOST, PIN)
    view = library.rules("winter coat red", k=6)
    assert [(rule.name, rule.asked, rule.hits) for rule in view.rules] == [
        ("gone", True, 1),
        ("cheap up", True, 2),
        ("gifts", False, 0),
    ]
    assert view.as_json()["rules"][0]["hits"] == 1


def test_a_stranger_is_moved_by_no_rule_that_speaks_of_what_they_do_not_see(library: Library) -> None:
    write(library, HIDE, PIN, BOOST)
    stranger = library.seen_by(Scope(tenant="local", principals=frozenset({"user:stranger"})))
    assert list(stranger.search("winter coat presents")) == []


def test_hits_are_sorted_by_what_a_catalogue_says(library: Library) -> None:
    prices = [hit.item.attributes["price"] for hit in library.search("winter coat", sort="price", where="sku < 6")]
    assert prices == [40, 50, 60, 70, 90]
    dates = titles(library.search("winter coat", sort="released:desc", where="sku < 6", k=2))
    assert dates == ["cloak", "cape"]


def test_pages_of_a_sorted_varied_and_folded_list_fit_together(library: Library) -> None:
    library.settings = replace(library.settings, arrange_depth=10)
    write(library, BOOST, FIRST, QUOTA)
    for wishes in ({"sort": "price"}, {"diversity": 0.5, "fold": True}, {}):
        whole = [hit.piece.id for hit in library.search("winter coat", k=6, **wishes)]
        for k in range(1, 6):
            assert [hit.piece.id for hit in library.search("winter coat", k=k, **wishes)] == whole[:k]


def test_no_order_by_what_nobody_has(library: Library) -> None:
    with pytest.raises(BadQuery, match=r"did you mean price"):
        library.search("winter coat", sort="prise")


@pytest.mark.parametrize("diversity", [-0.1, 1.1])
def test_diversity_lies_between_0_and_1(library: Library, diversity: float) -> None:
    with pytest.raises(BadQuery, match="diversity"):
        library.search("winter coat", diversity=diversity)


def test_texts_that_say_the_same_fold_and_the_fold_can_be_opened(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in (("a", "two dogs in snow"), ("b", "Two dogs  in SNOW"), ("c", "two cats")):
        (folder / f"{name}.txt").write_text(text)
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as library:
        library.add(folder)
        results = library.search("two dogs in snow", fold=True)
    assert len(results) == 2
    [other] = results[0].folded
    assert {results[0].path, other.path} == {str(folder / "a.txt"), str(folder / "b.txt")}
    assert results[0].as_json()["folded"][0]["piece"] == other.piece.id


def test_folds_take_no_places_while_there_is_more(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(30):
        (folder / f"same{number}.txt").write_text("two dogs" + " " * number)
    for number in range(5):
        (folder / f"other{number}.txt").write_text(f"two dogs number{number}")
    settings = Settings(arrange_depth=10)
    with sensorium.open(tmp_path / "library", encoder=HashEncoder(), settings=settings) as library:
        library.add(folder)
        results = library.search("two dogs", fold=True, k=6)
        assert (len(results), len(results[0].folded)) == (6, 29)


def test_one_picture_has_no_fingerprint_that_says_more_than_its_pixels(tmp_path: Path) -> None:
    write_png(tmp_path / "red.png", (200, 20, 20))
    with sensorium.open(tmp_path / "library", encoder=HashEncoder()) as library:
        library.add(tmp_path / "red.png")
        [hit] = library.search("red")
    assert hit.piece.attributes["fingerprint"] == ""
