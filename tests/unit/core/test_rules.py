"""The records of rules: which questions they are for, and what they hide."""

import pytest

from sensorium.core.errors import BadQuery
from sensorium.core.items import Modality
from sensorium.core.predicates import Compare, Has, OneOf, Predicate
from sensorium.core.queries import Query, QueryPart
from sensorium.core.rules import ALWAYS, NO_RULES, Boost, Hide, RuleBook, When
from sensorium.core.scopes import EVERYTHING, Filter


def asked(*texts: str, avoided: str = "", seen: bool = False) -> Query:
    parts = [QueryPart(modality=Modality.TEXT, content=text) for text in texts]
    if avoided:
        parts.append(QueryPart(modality=Modality.TEXT, content=avoided, weight=-0.5))
    if seen:
        parts.append(QueryPart(modality=Modality.IMAGE, content=b""))  # type: ignore[arg-type]
    return Query(parts=tuple(parts))


@pytest.mark.parametrize(
    ("words", "question", "fits"),
    [
        (("coat",), "a warm coat", True),
        (("coat",), "a warm COAT!", True),
        (("coat",), "petticoats", False),
        (("coat*",), "coats", True),
        (("coat*",), "petticoats", False),
        (("winter coat",), "a winter  coat.", True),
        (("winter coat",), "a coat for winter", False),
        (("hat", "coat"), "a coat", True),
        (("Straße",), "strasse", True),
        (("a.*",), "abc", True),
        (("(a|b)",), "a", False),
    ],
)
def test_words_are_words_and_no_patterns(words: tuple[str, ...], question: str, fits: bool) -> None:
    assert When(words=words).fits(asked(question)) is fits


def test_what_a_question_avoids_has_no_say() -> None:
    assert not When(words=("coat",)).fits(asked("a hat", avoided="coat"))


def test_a_phrase_may_lie_over_two_parts_of_a_question_no_more_than_over_two_words() -> None:
    assert not When(words=("winter coat",)).fits(asked("a winter hat", "a coat"))


@pytest.mark.parametrize(("seen", "fits"), [(True, True), (False, False)])
def test_a_sense_is_one_that_a_part_speaks_to(seen: bool, fits: bool) -> None:
    assert When(modality=Modality.IMAGE).fits(asked("a coat", seen=seen)) is fits


def test_words_and_sense_must_both_fit() -> None:
    assert not When(words=("coat",), modality=Modality.IMAGE).fits(asked("a hat", seen=True))


def hiding(name: str, where: Predicate, when: When = ALWAYS) -> Hide:
    return Hide(name=name, where=where, when=when)


def test_without_rules_the_filter_is_the_same_object() -> None:
    assert NO_RULES.narrowed(EVERYTHING) is EVERYTHING


def test_what_is_hidden_is_taken_out_of_the_filter() -> None:
    book = RuleBook((hiding("a", Has("draft")), hiding("b", Compare("sold", "=", True))))
    narrowed = book.narrowed(Filter(where=Has("price")))
    assert narrowed.where == Has("price") & ~(Has("draft") | Compare("sold", "=", True))


def test_a_filter_and_rules_that_are_too_large_together_are_an_error_that_says_so() -> None:
    many = OneOf("a", (1,))
    for _ in range(7):
        many = many | many  # type: ignore[assignment]
    book = RuleBook((hiding("a", many),))
    with pytest.raises(BadQuery, match="the filter and the rules of this library are too large together"):
        book.narrowed(Filter(where=many))


def test_a_book_of_a_question_has_the_rules_that_are_for_it() -> None:
    coats, hats = When(words=("coat",)), When(words=("hat",))
    book = RuleBook((hiding("a", Has("x")), hiding("b", Has("x"), coats), hiding("c", Has("x"), hats)))
    assert [rule.name for rule in book.of(asked("a coat"))] == ["a", "b"]
    assert [rule.name for rule in book.always] == ["a"]


def test_rules_that_hide_order_nothing() -> None:
    boost = Boost(name="b", where=Has("x"), factor=2)
    assert RuleBook((hiding("a", Has("x")), boost)).ordering == (boost,)
