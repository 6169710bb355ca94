"""Keys and certificates of the cluster, made once and kept in its home. For tests alone."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = datetime.timedelta(days=3650)


@dataclass(frozen=True)
class Authority:
    """A certificate authority with its key."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


def private_key(path: Path) -> rsa.RSAPrivateKey:
    """Return the key in this file. Create the file if it does not exist."""
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding = serialization.Encoding.PEM
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    )
    return key


def authority(folder: Path, name: str) -> Authority:
    """Return the authority of the files `NAME.key` and `NAME.crt`. Create them if they do not exist."""
    key = private_key(folder / f"{name}.key")
    path = folder / f"{name}.crt"
    if not path.exists():
        builder = _builder(f"test-{name}", key, f"test-{name}")
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        certificate = builder.add_extension(constraints, critical=True).sign(key, hashes.SHA256())
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(key, x509.load_pem_x509_certificate(path.read_bytes()))


def server_certificate(folder: Path, name: str, issuer: Authority, hosts: Sequence[str]) -> None:
    """Make `NAME.key` and `NAME.crt` of a server with these addresses and names."""
    addresses: list[x509.GeneralName] = [_general_name(host) for host in hosts]
    extensions: list[x509.ExtensionType] = [
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.SubjectAlternativeName(addresses),
    ]
    _sign(folder, name, issuer, extensions)


def client_certificate(folder: Path, name: str, issuer: Authority) -> None:
    """Make `NAME.key` and `NAME.crt` of a client with this name."""
    _sign(folder, name, issuer, [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])])


def _sign(folder: Path, name: str, issuer: Authority, extensions: Sequence[x509.ExtensionType]) -> None:
    path = folder / f"{name}.crt"
    if path.exists():
        return
    key = private_key(folder / f"{name}.key")
    issuer_name = issuer.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    builder = _builder(name, key, str(issuer_name))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    path.write_bytes(builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def _builder(name: str, key: rsa.RSAPrivateKey, issuer: str) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _LIFE)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
