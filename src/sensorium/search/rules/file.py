"""The rules of one library: its file, read anew when it changes; the last good rules where it can not be read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sensorium.core.errors import BadQuery, BadRules
from sensorium.core.predicates import Condition, Predicate, changed, conditions_of
from sensorium.core.rules import NO_RULES, Rule, RuleBook
from sensorium.core.scopes import Scope
from sensorium.core.store_ports import AttributeStore
from sensorium.search.filtering.where import fitted, kinds_of
from sensorium.search.rules.reading import MOST_BYTES, read_rules

FILE = "rules.toml"

REMEMBERED = 64
"""Callers whose rules are kept as they read for them."""


class RulesFile:
    """The rules in the file `path`, which need not be there. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, ...] | None = None
        self._good: RuleBook | None = None
        self._problem: BadRules | None = None
        self._lock = threading.Lock()

    def book(self) -> RuleBook:
        """The rules as they are now. Where the file is broken, the last good ones with their `problem`.

        Raises BadRules where it is broken and no good ones are known.
        """
        with self._lock:
            self._look()
            if self._problem is None:
                return self._good or NO_RULES
            if self._good is None:
                raise self._problem
            return replace(self._good, problem=self._problem.public)

    def _look(self) -> None:
        """Reads the file where its time, size or place on the disk are not those that were seen."""
        try:
            state = self.path.stat()
            seen = (state.st_mtime_ns, state.st_size, state.st_ino, state.st_mode)
        except FileNotFoundError:
            self._seen, self._good, self._problem = None, NO_RULES, None
            return
        except OSError as error:
            self._seen, self._problem = None, self._unreadable(error.strerror or str(error))
            return
        if seen == self._seen:
            return
        try:
            self._good = self._read()
            self._problem = None
        except BadRules as error:
            self._problem = error
        self._seen = seen

    def _read(self) -> RuleBook:
        if not self.path.is_file():
            raise self._unreadable("it is no file")
        try:
            with self.path.open("rb") as file:
                return read_rules(file.read(MOST_BYTES + 1))
        except OSError as error:
            raise self._unreadable(error.strerror or str(error)) from None
        except BadRules as error:
            raise BadRules(error.what, subject=str(self.path), remedy=error.remedy) from None

    def _unreadable(self, why: str) -> BadRules:
        remedy = "let it be read, or take it away to have no rules"
        return BadRules(f"the rules can not be read: {why}", subject=str(self.path), remedy=remedy)


class RulesForCallers:
    """The rules as they read for a caller: values are taken as the attributes are that the caller can see.

    `added >= 2024` compares with a date where `added` is one. A name that no visible item has holds of nothing that the
    caller finds, so what is hidden changes none of it. generation: of the store.
    """

    def __init__(self, file: RulesFile, store: AttributeStore, generation: Callable[[], int]) -> None:
        self._file = file
        self._store = store
        self._generation = generation
        self._books: OrderedDict[tuple[Scope, int, str], RuleBook] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, scope: Scope) -> RuleBook:
        """Raises BadRules where the file is broken and no good rules are known."""
        book = self._file.book()
        if not book.rules:
            return book
        name = (scope, self._generation(), book.version)
        with self._lock:
            found = self._books.get(name)
        if found is None:
            found = fitted_book(book, scope, self._store)
            with self._lock:
                self._books[name] = found
                while len(self._books) > REMEMBERED:
                    self._books.popitem(last=False)
        return replace(found, problem=book.problem)


def fitted_book(book: RuleBook, scope: Scope, store: AttributeStore) -> RuleBook:
    """The rules with the values of their conditions read as the attributes are that `scope` can see."""
    wheres = [rule.where for rule in book if rule.where is not None]
    names = sorted({condition.name for where in wheres for condition in conditions_of(where)})
    known = kinds_of(names, store.attribute_kinds(scope, names)) if names else {}

    def fit(condition: Condition) -> Predicate:
        try:
            return fitted(condition, known[condition.name]) if condition.name in known else condition
        except BadQuery:
            return condition  # it holds of nothing; `Library.rules` says so

    def of(rule: Rule) -> Rule:
        return rule if rule.where is None else replace(rule, where=changed(rule.where, fit))

    return replace(book, rules=tuple(map(of, book.rules)))
