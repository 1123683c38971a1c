"""The reference semantics of rights. Stores compile the same rule to a predicate on rows; a contract test compares."""

from __future__ import annotations

from sensorium.core.items import Rights
from sensorium.core.scopes import Scope


def may_see(scope: Scope, tenant: str, rights: Rights) -> bool:
    """Whether `scope` may see what `tenant` keeps under `rights`. Default deny; deny wins.

    >>> ann = Scope(tenant="acme", principals=frozenset({"user:ann", "group:sales"}))
    >>> may_see(ann, "acme", Rights(readers=frozenset({"group:sales"})))
    True
    >>> may_see(ann, "acme", Rights(readers=frozenset({"group:sales"}), denied=frozenset({"user:ann"})))
    False
    >>> may_see(ann, "acme", Rights())
    False
    """
    return (
        scope.tenant == tenant
        and not scope.principals.isdisjoint(rights.readers)
        and scope.principals.isdisjoint(rights.denied)
        and (not rights.purposes or scope.purpose in rights.purposes)
    )
