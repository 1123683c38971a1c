"""Keys of programs and people: shown once, kept as argon2 hashes (RFC 9106), each with a role and a scope.

A key reads `sk_ID.SECRET`. The id names it in lists and logs of what it may do; the secret has 256 bits.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import string
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from sensorium.core.errors import BadInput, WriteFailed
from sensorium.core.scopes import LOCAL_TENANT, OWNER, Scope
from sensorium.server.access.roles import Role as Role

FILE = "keys.json"
PREFIX = "sk_"
ID_LETTERS = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key as it is kept. hashed: argon2id of the secret. made_at: Unix seconds."""

    id: str
    name: str
    role: Role
    tenant: str
    principals: tuple[str, ...]
    hashed: str
    made_at: float

    @property
    def scope(self) -> Scope:
        """What it may see."""
        return Scope(tenant=self.tenant, principals=frozenset(self.principals))


def key_id(authorization: str) -> str:
    """The id of the key in an `Authorization` header; "" where it has none.

    >>> key_id("Bearer sk_abcd1234.secret"), key_id("Basic eDp5")
    ('abcd1234', '')
    """
    scheme, _, key = authorization.partition(" ")
    head, dot, _ = key.strip().partition(".")
    if scheme.lower() != "bearer" or not dot or not head.startswith(PREFIX) or len(head) > 40:
        return ""
    return head.removeprefix(PREFIX)


class KeyRing:
    """The keys of the library in `folder`, in a file that only its owner reads. Safe across threads.

    hasher: of argon2. clock: Unix seconds.
    """

    def __init__(
        self, folder: Path, *, hasher: PasswordHasher | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = folder / "server" / FILE
        self._hasher = hasher or PasswordHasher()
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at: tuple[int, int] | None = None
        self._keys: dict[str, Key] = {}
        self._verified: dict[str, bytes] = {}

    def keys(self) -> tuple[Key, ...]:
        """All keys, the oldest first; the file is read again when it has changed."""
        with self._lock:
            self._refresh()
            return tuple(self._keys.values())

    def key(self, id: str) -> Key | None:
        """The key of this id."""
        with self._lock:
            self._refresh()
            return self._keys.get(id)

    def add(self, name: str, role: Role, *, tenant: str = LOCAL_TENANT, principals: tuple[str, ...] = ()) -> str:
        """Makes a key and returns it: nobody can show it again. Raises BadInput for a name that is taken.

        principals: the names that it goes by; without any, the owner's in the library's own tenant, and its own name
        in another.
        """
        if not name.strip() or len(name) > 100:
            raise BadInput("a key needs a name", subject=name[:40], remedy="give one of up to 100 letters")
        if any(key.name == name for key in self.keys()):
            raise BadInput("there is a key of this name", subject=name, remedy="take it back first, or give another")
        chosen = principals or ((OWNER,) if tenant == LOCAL_TENANT else (f"key:{name}",))
        id = "".join(secrets.choice(ID_LETTERS) for _ in range(12))
        secret = secrets.token_urlsafe(32)
        key = Key(
            id=id,
            name=name,
            role=role,
            tenant=tenant,
            principals=chosen,
            hashed=self._hasher.hash(secret),
            made_at=self._clock(),
        )
        with self._lock:
            self._refresh()
            self._write({**self._keys, id: key})
        return f"{PREFIX}{id}.{secret}"

    def remove(self, name: str) -> Key:
        """Takes a key back, by its name or its id. Raises BadInput where there is none."""
        with self._lock:
            self._refresh()
            found = next((key for key in self._keys.values() if name in (key.name, key.id)), None)
            if found is None:
                raise BadInput("there is no key of this name", subject=name, remedy="run `sensorium keys list`")
            self._write({id: key for id, key in self._keys.items() if id != found.id})
            return found

    def verified(self, authorization: str) -> Key | None:
        """The key that the header shows, None where it is none of ours. Takes some 50 ms the first time."""
        key = self.key(key_id(authorization))
        if key is None:
            return None
        secret = authorization.partition(".")[2].strip()
        # Argon2 for each request would cost more than a search; of 256 random bits a plain hash in memory is safe.
        digest = hashlib.sha256(f"{key.hashed}\n{secret}".encode()).digest()
        known = self._verified.get(key.id)
        if known is not None and secrets.compare_digest(known, digest):
            return key
        try:
            self._hasher.verify(key.hashed, secret)
        except (Argon2Error, InvalidHashError):
            return None
        self._verified[key.id] = digest
        return key

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
        except OSError:
            self._keys, self._read_at = {}, None
            return
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp == self._read_at:
            return
        entries = json.loads(self._path.read_bytes())["keys"]
        keys = (
            Key(**{**entry, "role": Role(entry["role"]), "principals": tuple(entry["principals"])}) for entry in entries
        )
        self._keys = {key.id: key for key in keys}
        self._read_at = stamp

    def _write(self, keys: dict[str, Key]) -> None:
        document = {"version": 1, "keys": [asdict(key) for key in keys.values()]}
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(document, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError as error:
            remedy = "check the permissions of the library's folder"
            raise WriteFailed(f"keys can not be kept ({error.strerror})", remedy=remedy) from error
        self._keys, self._read_at = keys, None
