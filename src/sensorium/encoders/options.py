"""How a setting names a model and what is asked of it: `MODEL?option=value&option=value`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from sensorium.core.errors import BadSetting


def parsed(said: str, known: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The model that is named, and its options over their defaults. known: defaults by name.

    Raises BadSetting for an option that is not known, one that stands twice, or no model.

    >>> parsed("google/some-model?dim=256", {"dim": "", "device": "cpu"})
    ('google/some-model', {'dim': '256', 'device': 'cpu'})
    """
    model, _, query = said.partition("?")
    remedy = f"write MODEL?OPTION=VALUE&... with {', '.join(known) or 'no options'}"
    if not model:
        raise BadSetting("no model is named", subject="encoder", remedy=remedy)
    given = parse_qsl(query, keep_blank_values=True)
    names = [name for name, _ in given]
    if not set(names) <= set(known) or len(set(names)) < len(names) or (query and not given):
        raise BadSetting(f"these options can not be read: {query}", subject=model, remedy=remedy)
    return model, {**known, **dict(given)}


def whole_number(options: Mapping[str, str], name: str) -> int:
    """An option that counts something; 0 where it is empty. Raises BadSetting for what is no number from 0 on.

    >>> whole_number({"dim": "256"}, "dim"), whole_number({"dim": ""}, "dim")
    (256, 0)
    """
    value = options[name]
    if value and not (value.isascii() and value.isdigit()):
        raise BadSetting(f"{value!r} is no whole number", subject=name, remedy="give a number from 0 on")
    return int(value or 0)


def slug(words: Any) -> str:
    """A name that is fit for files: small letters, digits, dots and dashes, at most 64 of them.

    >>> slug("SigLIP2 Base/16 ")
    'siglip2-base-16'
    """
    return re.sub(r"[^a-z0-9.]+", "-", str(words).lower()).strip("-.")[:64] or "model"
