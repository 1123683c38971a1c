"""Reading a file of rules: every kind, and every mistake with the name of the rule and what to do."""

import pytest

from sensorium.core.errors import BadRules
from sensorium.core.items import Modality
from sensorium.core.predicates import Compare
from sensorium.core.rules import Boost, Bury, Decay, First, Hide, Pin, Quota, Rule, When
from sensorium.search.rules.reading import MOST_BYTES, MOST_RULES, read_rules

CHEAP = Compare("price", "<", 10)


def only(body: str) -> Rule:
    [rule] = read_rules(f'[[rule]]\nname = "it"\n{body}'.encode())
    return rule


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('kind = "boost"\nwhere = "price < 10"\nfactor = 2', Boost(name="it", where=CHEAP, factor=2)),
        ('kind = "bury"\nwhere = "price < 10"\nfactor = 1.5', Bury(name="it", where=CHEAP, factor=1.5)),
        ('kind = "decay"\ndate = "Released"\nhalf_life_days = 30', Decay(name="it", date="released", half_life=30)),
        ('kind = "first"\nwhere = "price < 10"', First(name="it", where=CHEAP)),
        ('kind = "quota"\nby = "brand"\nmost = 3\nof_first = 10', Quota(name="it", by="brand", most=3, of_first=10)),
        ('kind = "pin"\nwhere = "price < 10"\nplace = 2', Pin(name="it", where=CHEAP, place=2, most=1)),
        ('kind = "hide"\nwhere = "price < 10"', Hide(name="it", where=CHEAP)),
    ],
    ids=["boost", "bury", "decay", "first", "quota", "pin", "hide"],
)
def test_each_kind_is_read(body: str, rule: Rule) -> None:
    assert only(body) == rule


def test_the_questions_of_a_rule_are_read() -> None:
    rule = only('kind = "hide"\nwhere = "price < 10"\nwhen = { words = ["coat*"], modality = "image" }')
    assert rule.when == When(words=("coat*",), modality=Modality.IMAGE)


def test_an_empty_file_has_no_rules() -> None:
    assert len(read_rules(b"# nothing yet\n")) == 0


def test_every_change_of_the_file_is_another_version() -> None:
    assert read_rules(b"").version != read_rules(b" ").version


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('kind = "boots"', "there is no kind 'boots'; kinds are: boost, bury"),
        ("kind = 3", "`kind` is no short text"),
        ("", "`kind` is missing"),
        ('kind = "boost"\nwhere = "price < 10"', "`factor` is missing or out of range; give a number above 1"),
        ('kind = "boost"\nwhere = "price < 10"\nfactor = 1', "`factor` is missing or out of range"),
        ('kind = "boost"\nwhere = "price < 10"\nfactor = 101', "`factor` is missing or out of range"),
        ('kind = "boost"\nwhere = "price < 10"\nfactor = nan', "`factor` is missing or out of range"),
        ('kind = "boost"\nwhere = "price < 10"\nfactor = true', "`factor` is missing or out of range"),
        ('kind = "boost"\nfactor = 2', "`where` is missing"),
        ('kind = "hide"\nwhere = "price <"', "`where` at column 8: it ends too early"),
        ('kind = "hide"\nwhere = "price < 10"\nfacotr = 2', "it says `facotr`, which this kind of rule does not know"),
        ('kind = "pin"\nwhere = "a"\nplac = 2', "`place` is no number from 1 to 100"),
        ('kind = "pin"\nwhere = "a"\nplace = 0', "`place` is no number from 1 to 100"),
        ('kind = "pin"\nwhere = "a"\nplace = 1.5', "`place` is no number"),
        ('kind = "quota"\nby = "brand"\nmost = 3\nof_first = 3', "`of_first` is no number from 4 to 200"),
        ('kind = "quota"\nby = "?"\nmost = 3\nof_first = 9', "`by` names no attribute"),
        ('kind = "decay"\ndate = "added_at"\nhalf_life_days = 0', "`half_life_days` is missing or out of range"),
        ('kind = "hide"\nwhere = "a"\nwhen = "coat"', "`when` is no table"),
        ('kind = "hide"\nwhere = "a"\nwhen = {}', "`when` says nothing"),
        ('kind = "hide"\nwhere = "a"\nwhen = { words = "coat" }', "`words` of `when` is no list of words"),
        ('kind = "hide"\nwhere = "a"\nwhen = { words = ["!"] }', "`words` of `when` is no list of words"),
        ('kind = "hide"\nwhere = "a"\nwhen = { modality = "smell" }', "`modality` of `when` is no sense"),
        ('kind = "hide"\nwhere = "a"\nwhen = { modality = [] }', "`modality` of `when` is no sense"),
        ('kind = "hide"\nwhere = "a"\nwhen = { word = ["coat"] }', "`when` says nothing"),
        ('kind = "hide"\nwhere = "a"\nwhen = { words = ["a"], x = 1 }', "it says `x`, which"),
    ],
)
def test_a_mistake_is_told_with_the_rule_that_has_it(body: str, words: str) -> None:
    with pytest.raises(BadRules) as error:
        only(body)
    assert str(error.value).startswith("rule 1, 'it': ")
    assert words in str(error.value)
    assert error.value.remedy


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[[rule]]\nkind = 'hide'\nwhere = 'a'", "rule 1: `name` is missing"),
        (b"[[rule]]\nname = ''\nkind = 'hide'\nwhere = 'a'", "rule 1: `name` is no short text"),
        (b"[[rule]]\nname = 'a\\u0007'\nkind = 'hide'\nwhere = 'a'".replace(b"'", b'"'), "`name` is no short text"),
        (b"[[rule]]\nname='a'\nkind='hide'\nwhere='a'\n" * 2, "rule 2, 'a': another rule has this name"),
        (b"[[rule]", "this is no TOML"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        (b"rules = 1", "`rules` stands outside of a rule"),
        (b"rule = 1", "`rule` is no list of tables"),
        (b"rule = [1]", "`rule` is no list of tables"),
        (b"[rule]\nname='a'", "`rule` is no list of tables"),
    ],
)
def test_a_file_that_can_not_be_used_is_told_of(data: bytes, words: str) -> None:
    with pytest.raises(BadRules, match=words):
        read_rules(data)


def test_rules_that_hide_may_not_crowd_out_filters() -> None:
    one = '[[rule]]\nname = "{0}"\nkind = "hide"\nwhere = "' + " or ".join(["a"] * 30) + '"\n'
    with pytest.raises(BadRules, match="the rules that hide have 120 conditions together; at most 100"):
        read_rules("".join(one.format(n) for n in range(4)).encode())


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(BadRules, match="bytes; keep at most"):
        read_rules(b"#" * (MOST_BYTES + 1))


def test_there_are_no_more_rules_than_a_person_can_keep() -> None:
    one = '[[rule]]\nname = "{0}"\nkind = "hide"\nwhere = "a"\n'
    with pytest.raises(BadRules, match=f"there are {MOST_RULES + 1} rules"):
        read_rules("".join(one.format(n) for n in range(MOST_RULES + 1)).encode())
