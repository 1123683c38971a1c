"""Two encoders asked the same: figures of both, the change with its interval, and agreement where nobody judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sensorium.core.errors import BadInput
from sensorium.core.promotion import Compared
from sensorium.evaluation.promotion import JudgedQuery, agreement, by_table, own_questions, read_judged
from sensorium.testing.specimens import specimens

QUERIES = tuple(JudgedQuery(text=f"q{n}", right=frozenset({f"it_{n}"}), cluster=f"q{n}") for n in range(12))


def finding(rank: int) -> Callable[[str, int], Sequence[str]]:
    """Finds the right item of each of `QUERIES` at that rank."""

    def ask(text: str, k: int) -> list[str]:
        others = [f"wrong_{n}" for n in range(k)]
        others.insert(rank - 1, f"it_{text[1:]}")
        return others[:k]

    return ask


def deciding(rows: Sequence[Compared]) -> Compared:
    [row] = [row for row in rows if row.decides]
    return row


def test_what_finds_all_at_the_second_place_instead_of_the_first_is_worse() -> None:
    row = deciding(by_table(QUERIES, finding(1), finding(2)))
    assert (row.measure, row.queries, row.old[0], row.new[0]) == ("RR", 12, 1.0, 0.5)
    assert row.change == (-0.5, -0.5, -0.5)
    assert row.is_worse


def test_what_finds_as_much_or_more_is_not_worse() -> None:
    assert not deciding(by_table(QUERIES, finding(1), finding(1))).is_worse
    assert not deciding(by_table(QUERIES, finding(3), finding(1))).is_worse


def test_a_change_that_may_be_luck_is_not_worse() -> None:
    def mixed(text: str, k: int) -> Sequence[str]:
        return finding(2 if text in ("q0", "q1") else 1)(text, k)

    def otherwise(text: str, k: int) -> Sequence[str]:
        return finding(2 if text in ("q2", "q3", "q4") else 1)(text, k)

    row = deciding(by_table(QUERIES, mixed, otherwise))
    assert row.new[0] < row.old[0]
    assert not row.is_worse


def test_questions_of_one_cluster_count_as_one() -> None:
    together = tuple(JudgedQuery(text=q.text, right=q.right, cluster="same") for q in QUERIES)
    row = deciding(by_table(together, finding(2), finding(1)))
    assert row.change[1] == row.change[2] == 0.5


def test_a_right_answer_that_is_not_found_counts_nothing() -> None:
    assert deciding(by_table(QUERIES, finding(1), finding(50))).new[0] == 0.0


def test_a_table_is_read_with_several_right_answers_to_a_question(tmp_path: Path) -> None:
    table = tmp_path / "judged.tsv"
    table.write_text("query\titem\tcluster\na fox\t/a\tfoxes\na fox\t/b\tfoxes\nfoxes\t/a\tfoxes\nhills\t/c\t\n")
    found = read_judged(table, lambda name: f"it{name}")
    assert [(query.text, sorted(query.right), query.cluster) for query in found] == [
        ("a fox", ["it/a", "it/b"], "foxes"),
        ("foxes", ["it/a"], "foxes"),
        ("hills", ["it/c"], "hills"),
    ]


@pytest.mark.parametrize("text", ["query\titem\n", "query\n", "query\titem\nfox\t\n"])
def test_a_table_that_judges_nothing_is_refused(tmp_path: Path, text: str) -> None:
    table = tmp_path / "judged.tsv"
    table.write_text(text)
    with pytest.raises(BadInput):
        read_judged(table, lambda name: name)


def test_agreement_is_the_share_of_hits_that_both_find() -> None:
    same = agreement(["q1", "q2"], finding(1), finding(1))
    assert same is not None
    assert (same.questions, same.overlap, same.same_first) == (2, 1.0, 1.0)
    other = agreement(["q1"], finding(1), lambda text, k: [f"else_{n}" for n in range(k)])
    assert other is not None
    assert (other.overlap, other.same_first) == (0.0, 0.0)
    assert agreement([], finding(1), finding(1)) is None


def test_where_both_find_little_the_longer_list_counts() -> None:
    found = agreement(["q1"], lambda text, k: ["a"], lambda text, k: ["a", "b"])
    assert found is not None
    assert (found.overlap, found.same_first) == (0.5, 1.0)


def test_questions_are_the_first_words_of_texts_and_the_same_every_time() -> None:
    made = specimens(range(80))
    pieces = {one.item.id: one.pieces for one in made}
    first, again = (own_questions(lambda: [one.item for one in made], pieces.__getitem__) for _ in range(2))
    assert first == again
    assert 1 <= len(first) <= 50
    texts = [piece.text or "" for own in pieces.values() for piece in own]
    assert all(any(text.startswith(question) for text in texts) for question in first)


def test_what_has_no_text_is_asked_for_by_its_title() -> None:
    [made] = specimens(range(1))
    assert own_questions(lambda: [made.item], lambda item: ()) == [made.item.title]
