"""Keys: shown once, kept as hashes, scoped, over in time; tokens of an issuer."""

from __future__ import annotations

import hmac
import json
import os
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from typer.testing import CliRunner

from api.commands.cli import app
from api.serve.holders import Holders
from api.serve.keys import Keys
from api.serve.oidc import Issuer
from api.serve.settings import Settings
from ontology.errors import EarthdexError, KeyNeeded, KeyTooNarrow, NotFound, StoreCorrupt

ISSUER, AUDIENCE = "https://login.example.org", "earthdex"


def test_a_key_is_shown_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    key, text = Keys(tmp_path).add("anna", ["write"], "30d")
    path = tmp_path / "service" / "keys.json"
    secret = text.split("_", 2)[2]
    assert secret not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    assert Keys(tmp_path).find(text) == key
    holder = Holders(tmp_path, Settings()).find(f"bearer {text}")
    assert (holder.name, holder.graphs) == ("anna", None)


def test_wrong_revoked_and_expired_keys_are_refused_alike(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    _, text = keys.add("anna", ["write"], "1h")
    said = set()
    for wrong in (text[:-1], text + "A", text.replace("edx_", "EDX_"), "", "é" * 40, "edx_000000000000_" + "A" * 43):
        with pytest.raises(KeyNeeded) as caught:
            keys.find(wrong)
        said.add(caught.value.message)
    stored = json.loads((tmp_path / "service" / "keys.json").read_text())
    stored[0]["expires"] = "2020-01-01T00:00:00+00:00"
    (tmp_path / "service" / "keys.json").write_text(json.dumps(stored))
    with pytest.raises(KeyNeeded) as caught:
        keys.find(text)
    said.add(caught.value.message)
    _, fresh = keys.add("anna", ["write"], "1h")
    running = Keys(tmp_path)
    running.find(fresh)
    while any(one.state == "valid" for one in keys.all()):
        keys.revoke("anna")
    with pytest.raises(KeyNeeded) as caught:
        running.find(fresh)
    said.add(caught.value.message)
    assert len(said) == 1


@pytest.mark.parametrize(
    ("name", "scopes", "expires"),
    [
        ("", ["write"], "1d"),
        ("a b", ["write"], "1d"),
        ("x" * 65, ["write"], "1d"),
        ("a", [], "1d"),
        ("a", ["all"], "1d"),
        ("a", ["graph:relative"], "1d"),
        ("a", ["graph:http://e/<x>"], "1d"),
        ("a", ["write"], "forever"),
        ("a", ["write"], "0d"),
        ("a", ["write"], "999999y"),
    ],
)
def test_keys_that_make_no_sense_are_refused(tmp_path: Path, name: str, scopes: list[str], expires: str) -> None:
    with pytest.raises(EarthdexError) as caught:
        Keys(tmp_path).add(name, scopes, expires)
    assert caught.value.remedy
    assert Keys(tmp_path).all() == []


def test_scopes_say_which_graphs_may_change(tmp_path: Path) -> None:
    keys, holders = Keys(tmp_path), Holders(tmp_path, Settings())
    some = keys.add("some", ["graph:http://e/g", "graph:default", "metrics"], "1w")[1]
    assert holders.find(f"Bearer {some}").graphs == ("http://e/g", "")
    with pytest.raises(KeyTooNarrow):
        _ = holders.find(f"Bearer {keys.add('watch', ['metrics'], '1y')[1]}").graphs
    with pytest.raises(EarthdexError, match="valid key"):
        keys.add("some", ["write"], "1d")


def test_a_damaged_file_lets_nobody_in(tmp_path: Path) -> None:
    _, text = Keys(tmp_path).add("anna", ["write"], "30d")
    path = tmp_path / "service" / "keys.json"
    path.write_text(path.read_text()[:-20])
    with pytest.raises(StoreCorrupt):
        Keys(tmp_path).find(text)


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARTHDEX_HOME", str(tmp_path))
    run = CliRunner()
    made = run.invoke(app, ["keys", "add", "anna", "--scope", "write", "--expires", "2w"])
    assert made.exit_code == 0
    key = made.stdout.strip().splitlines()[-1]
    Keys(tmp_path).find(key)
    listed = run.invoke(app, ["keys", "list", "--json"])
    assert json.loads(listed.stdout)[0]["state"] == "valid"
    assert key.split("_", 2)[2] not in listed.stdout and "digest" not in listed.stdout
    assert run.invoke(app, ["keys", "revoke", "anna"]).exit_code == 0
    assert "revoked" in run.invoke(app, ["keys", "list"]).stdout
    with pytest.raises(NotFound):
        run.invoke(app, ["keys", "revoke", "anna"], catch_exceptions=False)


# --- tokens of an issuer -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Callable[..., str]]:
    """A key set of one RSA and one EC key, and what signs with them."""
    private = {"RS256": rsa.generate_private_key(65537, 2048), "ES256": ec.generate_private_key(ec.SECP256R1())}
    algorithms = jwt.algorithms.get_default_algorithms()
    found = []
    for name, key in private.items():
        told = json.loads(algorithms[name].to_jwk(key.public_key()))
        found.append(told | {"kid": name, "alg": name, "use": "sig"})
    path = tmp_path_factory.mktemp("issuer") / "jwks.json"
    path.write_text(json.dumps({"keys": found}))

    def sign(algorithm: str = "RS256", kid: str | None = None, **claims: object) -> str:
        usual = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "u1",
            "exp": int(time.time()) + 60,
            "scope": "openid earthdex:write",
        }
        told = {name: value for name, value in (usual | claims).items() if value is not None}
        return jwt.encode(told, private[algorithm], algorithm, headers={"kid": kid or algorithm})

    return path, sign


def _settings(path: object) -> Settings:
    return replace(Settings(), oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_keys=str(path))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_tokens_of_the_issuer_are_keys(tmp_path: Path, signer: tuple[Path, Callable[..., str]], algorithm: str) -> None:
    path, sign = signer
    holders = Holders(tmp_path, _settings(path))
    holder = holders.find(f"Bearer {sign(algorithm)}")
    assert (holder.name, holder.graphs) == ("oidc:u1", None)
    narrow = holders.find(f"Bearer {sign(algorithm, scope='earthdex:graph:http://e/g write')}")
    assert narrow.graphs == ("http://e/g",)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"iss": "https://other.example"},
        {"aud": "another"},
        {"aud": None},
        {"sub": None},
        {"nbf": int(time.time()) + 3600},
        {"kid": "unknown"},
        {"kid": "ES256"},
    ],
)
def test_other_tokens_are_refused(signer: tuple[Path, Callable[..., str]], claims: dict[str, object]) -> None:
    path, sign = signer
    issuer = Issuer.of(_settings(path))
    assert issuer is not None
    with pytest.raises(KeyNeeded, match="not valid"):
        issuer.verify(sign(**claims))  # type: ignore[arg-type]


def _by_hand(head: dict[str, str], claims: dict[str, object], secret: bytes = b"") -> str:
    """A token that no library would make."""
    text = b".".join(urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (head, claims))
    signature = urlsafe_b64encode(hmac.digest(secret, text, "sha256")).rstrip(b"=") if secret else b""
    return (text + b"." + signature).decode()


def test_forged_tokens_are_refused(signer: tuple[Path, Callable[..., str]]) -> None:
    path, sign = signer
    issuer = Issuer.of(_settings(path))
    assert issuer is not None
    good = sign()
    head, body, signature = good.split(".")
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "u1",
        "exp": int(time.time()) + 60,
        "scope": "earthdex:write",
    }
    public = path.read_bytes()  # what anybody can read, used as the secret of a symmetric algorithm
    forged = [
        _by_hand({"alg": "none", "kid": "RS256"}, claims),
        _by_hand({"alg": "HS256", "kid": "RS256"}, claims, public),
        jwt.encode(claims, rsa.generate_private_key(65537, 2048), "RS256", headers={"kid": "RS256"}),
        f"{head}.{body}.",
        f"{head}.{body[:-4]}AAAA.{signature}",
        "a.b.c",
    ]
    for token in forged:
        with pytest.raises(KeyNeeded):
            issuer.verify(token)
    assert issuer.verify(good)[0] == "oidc:u1"


def test_keys_of_the_issuer_come_from_an_address(
    signer: tuple[Path, Callable[..., str]], serve_folder: Callable[[Path], str]
) -> None:
    path, sign = signer
    address = f"{serve_folder(path.parent)}/{path.name}"
    issuer = Issuer.of(_settings(address))
    assert issuer is not None
    assert issuer.verify(sign())[1] == ("write",)
    gone = Issuer.of(_settings("http://127.0.0.1:9/jwks.json"))
    assert gone is not None
    with pytest.raises(EarthdexError):
        gone.verify(sign())


def test_an_issuer_that_is_set_by_half_is_said() -> None:
    with pytest.raises(EarthdexError, match="half"):
        Issuer.of(replace(Settings(), oidc_issuer=ISSUER))
    assert Issuer.of(Settings()) is None
    assert os.environ.get("EARTHDEX_SERVE_OIDC_ISSUER") is None
