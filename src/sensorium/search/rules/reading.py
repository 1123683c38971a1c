"""A file of the owner's rules (TOML) -> rules, or an error that names the rule and says what to do.

`docs/rules.md` describes the file. It is written by the owner, and read as if it were not: size, depth, number and
every value are bounded.
"""

from __future__ import annotations

import difflib
import hashlib
import math
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from sensorium.core.attributes import name_of
from sensorium.core.errors import BadQuery, BadRules
from sensorium.core.items import Modality
from sensorium.core.predicates import Predicate
from sensorium.core.rules import (
    ALWAYS,
    KINDS,
    MOST_FACTOR,
    Boost,
    Bury,
    Decay,
    First,
    Hide,
    Pin,
    Quota,
    Rule,
    RuleBook,
    When,
)

MOST_BYTES = 256 * 1024
MOST_DOTS = 500
MOST_RULES = 200
MOST_NAME = 80
MOST_WORDS = 200
MOST_PLACE = 100
MOST_PINNED = 20
MOST_FIRST = 200
MOST_DAYS = 36_500
MOST_HIDDEN = 100
"""Bytes of a file, dots of a line (tomllib takes the square of a name's parts), rules of a file, letters of a name,
words of a `when`, the last place of a pin, items of a pin, places of a quota, days of a half life, conditions of all
that is hidden."""


def read_rules(data: bytes) -> RuleBook:
    """The rules that a file says. Raises BadRules.

    >>> [rule.name for rule in read_rules(b'[[rule]]\\nname = "no drafts"\\nkind = "hide"\\nwhere = "draft"')]
    ['no drafts']
    """
    entries = _entries(data)
    rules: list[Rule] = []
    for number, entry in enumerate(entries, 1):
        rule = _rule(number, entry)
        if any(rule.name == other.name for other in rules):
            raise _wrong(number, rule.name, "another rule has this name", "give each rule a name of its own")
        rules.append(rule)
    hidden = sum(rule.where.conditions for rule in rules if isinstance(rule, Hide) and rule.where is not None)
    if hidden > MOST_HIDDEN:
        remedy = f"at most {MOST_HIDDEN}; use `in (...)` for many values"
        raise BadRules(f"the rules that hide have {hidden} conditions together", remedy=remedy)
    return RuleBook(tuple(rules), version=hashlib.sha256(data).hexdigest())


def _entries(data: bytes) -> list[Any]:
    if len(data) > MOST_BYTES:
        raise BadRules(f"the file has {len(data):,} bytes", remedy=f"keep at most {MOST_BYTES:,}")
    if any(line.count(b".") > MOST_DOTS for line in data.splitlines()):
        remedy = "write names without dots, and break long filters over several rules"
        raise BadRules(f"a line has more than {MOST_DOTS} dots", remedy=remedy)
    try:
        written = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadRules(f"byte {error.start} is not UTF-8", remedy="save the file as UTF-8") from None
    except (
        tomllib.TOMLDecodeError,
        ValueError,
    ) as error:  # a number of 5,000 digits is no TOML error, but a ValueError
        raise BadRules(f"this is no TOML: {str(error)[:200]}", remedy="correct it there; see docs/rules.md") from None
    except RecursionError:
        raise BadRules("it is nested too deeply", remedy="write flat tables, one `[[rule]]` for each rule") from None
    stray = sorted(set(written) - {"rule"})
    if stray:
        raise BadRules(f"`{stray[0][:40]}` stands outside of a rule", remedy="begin each rule with `[[rule]]`")
    entries = written.get("rule", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadRules("`rule` is no list of tables", remedy="begin each rule with `[[rule]]`")
    if len(entries) > MOST_RULES:
        raise BadRules(f"there are {len(entries):,} rules", remedy=f"keep at most {MOST_RULES}")
    return entries


def _rule(number: int, entry: Mapping[str, Any]) -> Rule:
    fields = _Fields(number, entry)
    name = fields.text("name", most=MOST_NAME)
    fields.name = name
    kind = fields.text("kind")
    make = _MADE.get(kind)
    if make is None:
        raise fields.wrong(f"there is no kind {kind[:40]!r}", f"kinds are: {', '.join(_MADE)}")
    rule = make(fields, {"name": name, "when": _when(fields)})
    fields.end()
    return rule


class _Fields:
    """The fields of one table, taken out one by one; what is left at the end is nothing that a rule says."""

    def __init__(self, number: int, entry: Mapping[str, Any], name: str = "") -> None:
        self.number = number
        self.name = name
        self._left = dict(entry)
        self._known: list[str] = []

    def wrong(self, what: str, remedy: str) -> BadRules:
        return _wrong(self.number, self.name, what, remedy)

    def take(self, field: str) -> Any:
        self._known.append(field)
        return self._left.pop(field, None)

    def text(self, field: str, *, most: int = 1_000) -> str:
        value = self.take(field)
        if value is None:
            raise self.wrong(f"`{field}` is missing", f'write `{field} = "..."`')
        if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
            raise self.wrong(f"`{field}` is no short text", f"give 1 to {most} letters in quotes, on one line")
        return value.strip()

    def whole(self, field: str, low: int, high: int, default: int | None = None) -> int:
        value = self.take(field)
        value = default if value is None else value
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(f"`{field}` is no number from {low} to {high}", f"write `{field} = {low}`")
        return value

    def number_above(self, field: str, low: float, high: float, example: str) -> float:
        value = self.take(field)
        good = isinstance(value, int | float) and not isinstance(value, bool) and low < value <= high
        if not good or not math.isfinite(value):
            remedy = f"give a number above {low:g}, up to {high:g}, as `{field} = {example}`"
            raise self.wrong(f"`{field}` is missing or out of range", remedy)
        return float(value)

    def where(self, *, needed: bool = True) -> Predicate | None:
        from sensorium.search.filtering.language import parse

        if not needed and "where" not in self._left:
            self.take("where")
            return None
        written = self.text("where", most=16_384)
        try:
            return parse(written)
        except BadQuery as error:
            raise self.wrong(f"`where` {error.what}", error.remedy) from None

    def end(self) -> None:
        for field in self._left:
            close = difflib.get_close_matches(field, self._known, n=1)
            remedy = f"did you mean `{close[0]}`?" if close else f"it may say: {', '.join(self._known)}"
            raise self.wrong(f"it says `{field[:40]}`, which this kind of rule does not know", remedy)


def _when(fields: _Fields) -> When:
    given = fields.take("when")
    if given is None:
        return ALWAYS
    if not isinstance(given, dict):
        raise fields.wrong("`when` is no table", 'write `when = { words = ["coat", "jacket"] }`')
    inner = _Fields(fields.number, given, fields.name)
    words = inner.take("words")
    words = [] if words is None else words
    good = isinstance(words, list) and len(words) <= MOST_WORDS
    if not good or not all(isinstance(word, str) and any(map(str.isalnum, word)) and len(word) < 200 for word in words):
        raise fields.wrong(
            "`words` of `when` is no list of words", 'write `words = ["coat", "winter jacket", "park*"]`'
        )
    sense = inner.take("modality")
    if sense is not None and sense not in list(Modality):
        raise fields.wrong("`modality` of `when` is no sense", f"choose from: {', '.join(Modality)}")
    if not words and sense is None:
        raise fields.wrong("`when` says nothing", "give `words` or `modality`, or leave `when` out")
    inner.end()
    return When(words=tuple(words), modality=None if sense is None else Modality(sense))


def _attribute(fields: _Fields, field: str) -> str:
    written = fields.text(field)
    name = name_of(written)
    if not name:
        raise fields.wrong(f"`{field}` names no attribute", "give the name of an attribute, as `brand`")
    return name


Common = dict[str, Any]


def _boost(fields: _Fields, common: Common) -> Rule:
    return Boost(**common, where=fields.where(), factor=fields.number_above("factor", 1, MOST_FACTOR, "2"))


def _bury(fields: _Fields, common: Common) -> Rule:
    return Bury(**common, where=fields.where(), factor=fields.number_above("factor", 1, MOST_FACTOR, "2"))


def _decay(fields: _Fields, common: Common) -> Rule:
    date = _attribute(fields, "date")
    half_life = fields.number_above("half_life_days", 0, MOST_DAYS, "30")
    return Decay(**common, where=fields.where(needed=False), date=date, half_life=half_life)


def _first(fields: _Fields, common: Common) -> Rule:
    return First(**common, where=fields.where())


def _quota(fields: _Fields, common: Common) -> Rule:
    by = _attribute(fields, "by")
    most = fields.whole("most", 1, MOST_FIRST - 1)
    of_first = fields.whole("of_first", most + 1, MOST_FIRST)
    return Quota(**common, where=fields.where(needed=False), by=by, most=most, of_first=of_first)


def _pin(fields: _Fields, common: Common) -> Rule:
    place = fields.whole("place", 1, MOST_PLACE)
    return Pin(**common, where=fields.where(), place=place, most=fields.whole("most", 1, MOST_PINNED, default=1))


def _hide(fields: _Fields, common: Common) -> Rule:
    return Hide(**common, where=fields.where())


_MADE: Mapping[str, Callable[[_Fields, Common], Rule]] = {
    kind.kind: make for kind, make in zip(KINDS, (_boost, _bury, _decay, _first, _quota, _pin, _hide), strict=True)
}


def _wrong(number: int, name: str, what: str, remedy: str) -> BadRules:
    said = f"rule {number}, {name!r}" if name else f"rule {number}"
    return BadRules(f"{said}: {what}", remedy=remedy)
