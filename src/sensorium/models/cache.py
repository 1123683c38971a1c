"""Where models lie on this machine: folders that are named, and the cache that the tools of the hub share.

The cache's layout: `models--OWNER--NAME/` with `blobs/` (files by their hash), `snapshots/COMMIT/` (links to them by
their names) and `refs/REVISION` (which commit a name means). Nothing here uses the network.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from sensorium.core.errors import BadSetting, ExtraMissing

COMMIT = re.compile(r"[0-9a-f]{40}")
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
_ID = re.compile(rf"(?P<repo>{_PART}/{_PART})(@(?P<revision>{_PART}))?")


@dataclass(frozen=True, slots=True)
class HubId:
    """A model on the hub. repo: "owner/name". revision: a branch, a tag or a commit.

    >>> str(HubId("google/siglip2-base-patch16-224")), HubId("a/b", "v1.0").folder
    ('google/siglip2-base-patch16-224', 'models--a--b')
    """

    repo: str
    revision: str = "main"

    @classmethod
    def parsed(cls, said: str) -> HubId:
        """From "owner/name" or "owner/name@revision". Raises BadSetting for anything else.

        >>> HubId.parsed("a/b@v1.0").revision
        'v1.0'
        """
        match = _ID.fullmatch(said)
        if match is None or ".." in said:
            raise BadSetting(
                "this names no model",
                subject=said,
                remedy="give a folder, a name that `sensorium models list` shows, or OWNER/NAME of the hub",
            )
        return cls(match["repo"], match["revision"] or "main")

    def __str__(self) -> str:
        return self.repo if self.revision == "main" else f"{self.repo}@{self.revision}"

    @property
    def folder(self) -> str:
        """What its folder in the cache is called."""
        return "models--" + self.repo.replace("/", "--")


def hub_cache() -> Path:
    """Where the tools of the hub keep what they fetched, by their own variables.

    https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
    """
    user = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    home = Path(os.environ.get("HF_HOME") or user / "huggingface").expanduser()
    return Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()


def commit_of(model: HubId) -> str | None:
    """The commit that its revision means on this machine; None where that is not known."""
    if COMMIT.fullmatch(model.revision):
        return model.revision
    try:
        commit = (hub_cache() / model.folder / "refs" / model.revision).read_text().strip()
    except (OSError, ValueError):
        return None
    return commit if COMMIT.fullmatch(commit) else None


def snapshot(model: HubId) -> Path | None:
    """The folder with its files; None where it is not on this machine."""
    commit = commit_of(model)
    folder = hub_cache() / model.folder / "snapshots" / (commit or "-")
    return folder if folder.is_dir() else None


def located(model: str) -> Path:
    """The folder of a model. model: a folder, a name in the table, or a hub id of which this machine has a copy.

    Raises ExtraMissing where it is not here, BadSetting for what names nothing.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if model.startswith(("/", ".", "~")):
        raise ExtraMissing("there is no such folder", subject=model, remedy="name a folder that holds a model")
    hub_id = hub_id_of(model)
    found = snapshot(hub_id)
    if found is None:
        raise ExtraMissing(
            "the model is not on this machine",
            subject=model,
            remedy=f"fetch it once where there is a network: sensorium models get {model}",
        )
    return found


def hub_id_of(model: str) -> HubId:
    """The hub id that a name in the table stands for, or that is meant itself. Raises BadSetting.

    >>> hub_id_of("sentence-transformers/all-MiniLM-L6-v2").repo
    'sentence-transformers/all-MiniLM-L6-v2'
    """
    from sensorium.models.catalogue import find

    known = find(model)
    return HubId.parsed(known.repo if known is not None and known.repo else model)
