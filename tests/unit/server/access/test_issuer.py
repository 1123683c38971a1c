"""Tokens of an issuer that the tests make up themselves: what is taken, what is not, and who it makes somebody."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from starlette.testclient import TestClient

from sensorium.core.scopes import Scope
from sensorium.library import Library
from sensorium.server.access.issuer import (
    KEYS_SECONDS,
    MOST_KEYS_BYTES,
    PAUSE_SECONDS,
    Identities,
    SigningKeys,
    fetched,
)
from sensorium.server.access.keys import KeyRing, Role
from sensorium.server.access.oidc import OidcOptions
from sensorium.server.app import create_app
from sensorium.server.options import ServeOptions
from sensorium.server.problems import Problem

from ..conftest import HOST, QUICK

OPTIONS = OidcOptions(
    issuer="https://id.example/",
    audience="sensorium",
    jwks="https://id.example/keys",
    roles={"readers": Role.READER, "staff": Role.CURATOR},
    principals={"librarians": "owner"},
)
SECRETS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
MAKERS: dict[str, Any] = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


def published(algorithm: str, id: str, secret: Any = None, **fields: object) -> dict[str, Any]:
    """The public key as an issuer publishes it."""
    public = (secret or SECRETS[algorithm]).public_key()
    entry = json.loads(MAKERS[algorithm].to_jwk(public))
    return {**entry, "kid": id, "use": "sig", "alg": algorithm, **fields}


class Issuer:
    """Publishes keys and gives tokens."""

    def __init__(self) -> None:
        self.keys = [published(algorithm, f"key-{algorithm}") for algorithm in SECRETS]
        self.asked: list[str] = []
        self.silent = False
        self.now = 0.0

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if self.silent:
            raise OSError
        return json.dumps({"keys": self.keys}).encode()

    def signing_keys(self) -> SigningKeys:
        return SigningKeys(OPTIONS.jwks, self.fetch, lambda: self.now)

    def identities(self, options: OidcOptions = OPTIONS) -> Identities:
        return Identities(options, self.signing_keys())


def claims(**changes: object) -> dict[str, Any]:
    now = int(time.time())
    said = {"iss": OPTIONS.issuer, "aud": "sensorium", "sub": "ann", "exp": now + 600, "iat": now, "roles": ["readers"]}
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def token(algorithm: str = "RS256", id: str | None = None, secret: Any = None, **changes: object) -> str:
    headers = {"kid": id or f"key-{algorithm}"}
    made = jwt.encode(claims(**changes), secret or SECRETS[algorithm], algorithm, headers=headers)
    return f"Bearer {made}"


def by_hand(header: dict[str, Any], said: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token that a library would not make."""

    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    body = part(json.dumps(header).encode()) + b"." + part(json.dumps(said).encode())
    return f"Bearer {(body + b'.' + part(sign(body))).decode()}"


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


def refused(issuer: Issuer, shown: str, options: OidcOptions = OPTIONS) -> Problem:
    with pytest.raises(Problem) as raised:
        issuer.identities(options).caller(shown)
    return raised.value


@pytest.mark.parametrize("algorithm", list(SECRETS))
def test_a_token_that_is_signed_by_a_known_key_makes_a_caller(issuer: Issuer, algorithm: str) -> None:
    caller = issuer.identities().caller(token(algorithm))
    assert caller.role is Role.READER
    assert caller.scope == Scope(tenant="local", principals=frozenset({"user:ann"}))
    assert issuer.asked == [OPTIONS.jwks]


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example/"},
        {"aud": "another"},
        {"aud": None},
        {"iss": None},
        {"sub": None},
        {"exp": None},
        {"exp": int(time.time()) - 3_600},
        {"nbf": int(time.time()) + 3_600},
        {"exp": "soon"},
        {"sub": 7},
    ],
    ids=["iss", "aud", "no aud", "no iss", "no sub", "no exp", "over", "too early", "exp no time", "sub no text"],
)
def test_a_token_whose_claims_do_not_fit_is_refused(issuer: Issuer, changes: dict[str, object]) -> None:
    assert refused(issuer, token(**changes)).status == 401


def test_clocks_may_differ_a_little(issuer: Issuer) -> None:
    now = int(time.time())
    late = token(exp=now - 20, nbf=now + 20)
    assert issuer.identities().caller(late).id.startswith("oidc")
    assert refused(issuer, late, replace(OPTIONS, skew_seconds=0)).code == "bad-token"


def test_an_unsigned_token_is_refused(issuer: Issuer) -> None:
    for name in ("none", "None", "NONE", ""):
        assert refused(issuer, by_hand({"alg": name, "kid": "key-RS256"}, claims(), lambda body: b"")).status == 401


@pytest.mark.parametrize("algorithm", list(SECRETS))
def test_a_public_key_is_no_secret(issuer: Issuer, algorithm: str) -> None:
    """A code made with the public key as secret, as a verifier would take it that believes the token's `alg`."""
    public = SECRETS[algorithm].public_key()
    for format in (PublicFormat.SubjectPublicKeyInfo,):
        secret = public.public_bytes(Encoding.PEM, format)
        shown = by_hand(
            {"alg": "HS256", "kid": f"key-{algorithm}"},
            claims(),
            lambda body, secret=secret: hmac.new(secret, body, hashlib.sha256).digest(),
        )
        assert refused(issuer, shown).status == 401


def test_a_key_verifies_its_own_algorithm_alone(issuer: Issuer) -> None:
    header = {"alg": "ES256", "kid": "key-RS256"}
    assert refused(issuer, by_hand(header, claims(), lambda body: b"x" * 64)).status == 401


def test_a_token_with_another_body_or_signature_is_refused(issuer: Issuer) -> None:
    head, body, signature = token().removeprefix("Bearer ").split(".")
    other = token(sub="ben").removeprefix("Bearer ").split(".")[1]
    for parts in ((head, other, signature), (head, body, signature[:-8] + "AAAAAAAA"), (head, body, ""), ("", "", "")):
        assert refused(issuer, "Bearer " + ".".join(parts)).status == 401


def test_an_algorithm_that_is_not_listed_is_refused(issuer: Issuer) -> None:
    assert refused(issuer, token("ES256"), replace(OPTIONS, algorithms=("RS256",))).status == 401


def test_critical_headers_that_nobody_knows_are_refused(issuer: Issuer) -> None:
    made = jwt.encode(claims(), SECRETS["RS256"], "RS256", headers={"kid": "key-RS256", "crit": ["b64"], "b64": True})
    assert refused(issuer, f"Bearer {made}").status == 401


def test_addresses_in_a_token_are_not_asked(issuer: Issuer) -> None:
    mine = rsa.generate_private_key(65537, 2048)
    entry = published("RS256", "mine", mine)
    made = jwt.encode(
        claims(), mine, "RS256", headers={"kid": "mine", "jku": "https://evil.example/keys", "jwk": entry}
    )
    assert refused(issuer, f"Bearer {made}").status == 401
    assert set(issuer.asked) == {OPTIONS.jwks}


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "oct", "kid": "key-RS256", "k": "AAAA"},
        published("RS256", "key-RS256", rsa.generate_private_key(65537, 1024)),
        published("RS256", "key-RS256", use="enc"),
        {"kty": "RSA", "kid": "key-RS256"},
    ],
    ids=["secret", "short", "for encryption", "broken"],
)
def test_keys_that_are_not_for_signatures_are_left_out(issuer: Issuer, entry: dict[str, Any]) -> None:
    issuer.keys = [entry]
    assert refused(issuer, token()).status == 401


def test_a_new_key_is_fetched_when_a_token_names_it(issuer: Issuer) -> None:
    identities = issuer.identities()
    identities.caller(token())
    fresh = rsa.generate_private_key(65537, 2048)
    issuer.keys.append(published("RS256", "new", fresh))
    issuer.now += PAUSE_SECONDS
    assert identities.caller(token(id="new", secret=fresh)).role is Role.READER
    assert len(issuer.asked) == 2


def test_unknown_keys_do_not_make_the_issuer_be_asked_again_and_again(issuer: Issuer) -> None:
    identities = issuer.identities()
    identities.caller(token())
    for _ in range(5):
        with pytest.raises(Problem):
            identities.caller(token(id="unknown"))
    assert len(issuer.asked) == 1


def test_a_key_that_the_issuer_took_back_is_gone_after_a_while(issuer: Issuer) -> None:
    identities = issuer.identities()
    identities.caller(token())
    issuer.keys = []
    issuer.now += KEYS_SECONDS + 1
    with pytest.raises(Problem):
        identities.caller(token())


def test_known_keys_are_used_on_while_the_issuer_is_silent_but_not_for_ever(issuer: Issuer) -> None:
    identities = issuer.identities()
    identities.caller(token())
    issuer.silent = True
    issuer.now += KEYS_SECONDS + 1
    assert identities.caller(token()).role is Role.READER
    issuer.now += 86_400
    with pytest.raises(Problem) as raised:
        identities.caller(token())
    assert raised.value.status == 503


def test_the_highest_role_of_the_claim_counts(issuer: Issuer) -> None:
    assert issuer.identities().caller(token(roles=["readers", "staff", "other"])).role is Role.CURATOR


def test_a_token_without_a_role_here_is_refused_unless_all_have_one(issuer: Issuer) -> None:
    assert refused(issuer, token(roles=["other"])).status == 403
    assert issuer.identities(replace(OPTIONS, role=Role.READER)).caller(token(roles=None)).role is Role.READER


def test_groups_are_principals_and_none_is_the_owner_by_its_name(issuer: Issuer) -> None:
    caller = issuer.identities().caller(token(sub="owner", groups=["owner", "sales"]))
    assert caller.scope.principals == {"user:owner", "group:owner", "group:sales"}


def test_a_group_may_be_called_otherwise_here(issuer: Issuer) -> None:
    assert "owner" in issuer.identities().caller(token(groups=["librarians"])).scope.principals


def test_a_tenant_is_one_that_the_options_name(issuer: Issuer) -> None:
    options = replace(OPTIONS, tenant_claim="org.name", tenants={"Acme": "acme"})
    assert issuer.identities(options).caller(token(org={"name": "Acme"})).scope.tenant == "acme"
    for org in ({"name": "local"}, {"name": 3}, "Acme", None):
        assert refused(issuer, token(org=org), options).status == 403


def test_who_is_known_by_an_id_is_forgotten_when_the_token_is_over(issuer: Issuer) -> None:
    now = [time.time()]
    identities = Identities(OPTIONS, issuer.signing_keys(), clock=lambda: now[0])
    caller = identities.caller(token())
    assert identities.known(caller.id) == caller
    now[0] += 3_600
    assert identities.known(caller.id) is None
    assert identities.known("oidc0000") is None


# -- a server that believes it -----------------------------------------------------------------------------------------


@pytest.fixture
def client(
    shared: tuple[Library, Path], tmp_path: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    monkeypatch.setattr("sensorium.server.access.issuer.SigningKeys", lambda url: issuer.signing_keys())
    options = ServeOptions(oidc=replace(OPTIONS, principals={"librarians": "owner"}), a_minute=60_000)
    app = create_app(shared[0], options, keys=KeyRing(tmp_path, hasher=QUICK))
    with TestClient(app, base_url=HOST, raise_server_exceptions=False) as client:
        yield client


def shown(**changes: object) -> dict[str, str]:
    return {"Authorization": token(**changes)}


def test_with_an_issuer_nobody_is_the_owner_for_being_here(client: TestClient) -> None:
    assert client.get("/v1/info").status_code == 401
    assert client.get("/v1/info", headers=shown()).json()["role"] == "reader"


def test_a_token_sees_what_its_principals_may_see(client: TestClient) -> None:
    body = {"text": "red"}
    assert client.post("/v1/search", json=body, headers=shown()).json()["hits"] == []
    assert client.post("/v1/search", json=body, headers=shown(groups=["librarians"])).json()["hits"]


def test_a_token_may_do_what_its_role_may(client: TestClient) -> None:
    assert client.get("/v1/doctor", headers=shown()).status_code == 403
    assert client.get("/v1/doctor", headers=shown(roles=["staff"])).status_code == 200


def test_pictures_are_reached_by_addresses_that_were_signed_for_a_token(client: TestClient) -> None:
    items = client.get("/v1/items", headers=shown(groups=["librarians"])).json()["items"]
    address = next(one["links"]["preview"] for one in items if "preview" in one["links"])
    assert client.get(address).status_code == 200


def test_nothing_of_a_bad_token_is_told(client: TestClient) -> None:
    answer = client.get("/v1/info", headers={"Authorization": token(sub="canary", exp=1)})
    assert answer.status_code == 401
    assert "canary" not in answer.text
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


# -- the fetch itself --------------------------------------------------------------------------------------------------


@pytest.fixture
def published_at() -> Iterator[str]:
    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/keys")
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}" if self.path == "/keys" else b"x" * (MOST_KEYS_BYTES + 1))

        def log_message(self, format: str, *arguments: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Keys) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_keys_are_fetched_from_their_address_without_following_another(published_at: str) -> None:
    assert fetched(f"{published_at}/keys") == b"{}"
    with pytest.raises(OSError):
        fetched(f"{published_at}/moved")
    with pytest.raises(ValueError):
        fetched(f"{published_at}/long")
