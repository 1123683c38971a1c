"""The owner's rules: the calls that show them and try them out."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sensorium.calls.searched import Searched
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart

if TYPE_CHECKING:
    from sensorium.core.reports import RulesView


class Ruled(Searched):
    """What `rules.toml` of the library says; see `docs/rules.md`."""

    @property
    def rules_version(self) -> str:
        """Another one for every change of what the rules do, which may change with the day, or a learned ranker does:
        what was found before may not hold any more."""
        from sensorium.core.errors import BadRules
        from sensorium.core.rules import Decay
        from sensorium.ranking.model import FILE, version

        ranker = version(self.path / FILE)
        try:
            book = self._machine.rules_file.book()
        except BadRules as error:
            return f"broken: {error.public} {ranker}"
        day = int(time.time() // 86_400) if any(isinstance(rule, Decay) for rule in book) else 0
        return f"{book.version} {book.problem} {day} {ranker}" if book.rules or book.problem or ranker else ""

    def rules(self, question: str | None = None, **narrowed: Any) -> RulesView:
        """The rules as they apply now, each with what it does, and how many visible items it is about.

        question: tries them: how many of the hits each moved or hid. narrowed: arguments of `search` for that. Where
        the file is broken, `problem` says so, and the rules are the last good ones. Raises what `search` raises, but
        BadRules.
        """
        from sensorium.core.errors import BadRules
        from sensorium.core.reports import RulesView
        from sensorium.search.rules.view import dry_run, views

        file = self._machine.rules_file
        try:
            book = self._machine.rules(self.scope)
        except BadRules as error:
            return RulesView(path=str(file.path), rules=(), problem=error.public)
        shown = views(file.book(), self.scope, self._store)
        if question is not None:
            results = self.search(question, **narrowed)
            without = self.search(question, **{**narrowed, "rules": False})
            asked = book.of(Query(parts=(QueryPart(modality=Modality.TEXT, content=question),)))
            moved = dry_run(asked, results, without)
            shown = tuple(replace(view, asked=view.name in moved, hits=moved.get(view.name, 0)) for view in shown)
        return RulesView(path=str(file.path), rules=shown, problem=book.problem)
