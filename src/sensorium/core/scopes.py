"""Who asks, and what may come back."""

from __future__ import annotations

from dataclasses import dataclass

from sensorium.core.items import Aspect, Modality, Rights
from sensorium.core.predicates import Predicate

OWNER = "owner"
LOCAL_TENANT = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Who asks and what they may see: a required argument of every inner call.

    tenant: whose library it is; nothing crosses tenants. principals: every name the caller goes by.
    purpose: what the answer is for.

    >>> Scope.local_owner().tenant
    'local'
    """

    tenant: str
    principals: frozenset[str]
    purpose: str = "search"

    @classmethod
    def local_owner(cls) -> Scope:
        """The scope of a person at their own machine."""
        return cls(tenant=LOCAL_TENANT, principals=frozenset({OWNER}))

    def private_rights(self) -> Rights:
        """Rights that let exactly this scope's principals read: the default for what is added."""
        return Rights(readers=self.principals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to search in: every set field must hold (a conjunction). None means no restriction.

    modalities: of pieces, the sense of their vectors. kinds: of items, as the user sees them: a frame is an image of a
    video. aspects: of pieces. speakers: who speaks in a piece, by name. The names are fixed here and the values are
    bound as parameters, so that neither can be injected. where: what must hold of an item's attributes, whose names are
    bound too.
    """

    modalities: frozenset[Modality] | None = None
    media_types: frozenset[str] | None = None
    item_ids: frozenset[str] | None = None
    kinds: frozenset[Modality] | None = None
    aspects: frozenset[Aspect] | None = None
    speakers: frozenset[str] | None = None
    where: Predicate | None = None


EVERYTHING = Filter()
