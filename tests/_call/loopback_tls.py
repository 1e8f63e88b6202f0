"""A certificate for loopback servers of tests, made where OpenSSL's command is installed."""

import shutil
import ssl
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

__all__ = ["HOST", "certificate", "server_context"]

HOST = "api.example.test"


@cache
def certificate() -> Path:
    """A folder with `certificate.pem` and `key.pem` for 127.0.0.1 and `HOST`."""
    command = shutil.which("openssl")
    if command is None:
        pytest.skip("the openssl command is not installed")
    folder = Path(mkdtemp())
    names = f"subjectAltName=DNS:{HOST},IP:127.0.0.1"
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subject = ["-subj", f"/CN={HOST}", "-addext", names, "-days", "2"]
    subprocess.run([command, "req", "-x509", *curve, *subject, *files], check=True, capture_output=True)
    return folder


def server_context() -> ssl.SSLContext:
    """The context of a server with the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate() / "certificate.pem", certificate() / "key.pem")
    return context
