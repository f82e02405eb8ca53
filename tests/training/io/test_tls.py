"""Ranges over TLS, with a certificate that is trusted and one that is not."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from ontology.errors import FetchError
from tests.training.io.server import Served
from training.io import open_bytes, wire

x509 = pytest.importorskip("cryptography.x509", reason="makes the certificate")


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of `localhost` that signs itself, and its key."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return paths


@pytest.fixture(scope="module")
def secure(noise: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    certificate, key = _certificate(tmp_path_factory.mktemp("tls"))
    world = Served()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    world.server.socket = context.wrap_socket(world.server.socket, server_side=True)
    world.url = world.url.replace("http://127.0.0.1", "https://localhost")
    world.add("/a.bin", noise)
    yield world, certificate
    world.stop()


@pytest.fixture
def no_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificates are read anew."""
    monkeypatch.setattr(wire, "_contexts", [])


@pytest.mark.usefixtures("no_context")
def test_ranges_over_tls(secure: tuple[Served, Path], noise: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    served, certificate = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    served.faults["/a.bin"] = ["cut", "503"]
    ranges = [(at, 30_000) for at in range(0, 300_000, 100_000)]
    with open_bytes(allow_private=True) as data:
        found = data.read_ranges(f"{served.url}/a.bin", ranges)
        assert [bytes(one) for one in found] == [noise[at : at + length] for at, length in ranges]
        assert bytes(data.read(f"{served.url}/a.bin")) == noise


@pytest.mark.usefixtures("no_context")
def test_a_certificate_that_nobody_vouches_for_is_refused(secure: tuple[Served, Path]) -> None:
    served, _ = secure
    before = served.asked["/a.bin"]
    with open_bytes(allow_private=True) as data, pytest.raises(FetchError, match="not trusted"):
        data.read(f"{served.url}/a.bin", 0, 10)
    assert served.asked["/a.bin"] == before


@pytest.mark.usefixtures("no_context")
def test_encryption_is_not_given_up_for_a_redirect(
    secure: tuple[Served, Path], monkeypatch: pytest.MonkeyPatch, noise: bytes
) -> None:
    served, certificate = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    plain = served.url.replace("https", "http")
    url = served.add("/down.bin", noise, f"to:{plain}/a.bin")
    with open_bytes(allow_private=True) as data, pytest.raises(FetchError, match="without encryption"):
        data.read(url, 0, 10)
