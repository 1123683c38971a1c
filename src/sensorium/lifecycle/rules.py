"""Whether the owner's rules of a library can be read."""

from __future__ import annotations

from collections.abc import Callable

from sensorium.core.errors import BadRules
from sensorium.core.reports import Finding
from sensorium.core.rules import RuleBook


def examine_rules(book: Callable[[], RuleBook]) -> Finding:
    """How many rules there are; where the file is broken, why. book: the rules as they are now; may raise BadRules.

    >>> examine_rules(RuleBook).message
    '0 rules are read'
    """
    try:
        found = book()
    except BadRules as error:
        return Finding(
            check="rules", healthy=False, message=f"no search until this is mended: {error}", remedy=error.remedy
        )
    remedy = "mend `rules.toml`; `sensorium rules` checks it"
    if found.problem:
        said = f"the {len(found)} rules from before go on, since the file is broken: {found.problem}"
        return Finding(check="rules", healthy=False, message=said, remedy=remedy)
    return Finding(check="rules", healthy=True, message=f"{len(found)} rules are read")
