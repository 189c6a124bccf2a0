"""GitHub's token service on loopback: discovery, keys, and real RS256 tokens of workflow runs."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

HOST = "https://testserver/"
REPOSITORY = "apache/tool"
WORKFLOW = ".github/workflows/release.yml"
ACTOR = 4711


def key(bits: int = 2048) -> Any:
    return rsa.generate_private_key(65537, bits)


KEY = key()  # made once: it takes a while


@dataclass
class Issuer:
    """It answers as it should, until a test says otherwise."""

    address: str = ""
    keys: dict[str, Any] = field(default_factory=lambda: {"1": KEY})
    about: dict[str, Any] = field(default_factory=dict)  # what discovery says otherwise
    padding: int = 0  # bytes of nothing in the list of keys
    delay: float = 0.0  # seconds between two bytes
    status: int = 200
    asked: list[str] = field(default_factory=list)

    def claims(self, **more: Any) -> dict[str, Any]:
        at = int(time.time())
        return {
            "iss": self.address,
            "aud": HOST,
            "iat": at,
            "nbf": at - 10,
            "exp": at + 300,
            "jti": uuid.uuid4().hex,
            "actor": "alice-at-github",
            "actor_id": str(ACTOR),
            "repository": REPOSITORY,
            "repository_owner": "apache",
            "workflow_ref": f"{REPOSITORY}/{WORKFLOW}@refs/heads/main",
            "run_id": "99",
            "enterprise": "the-asf",
            "enterprise_id": "212555",
            "runner_environment": "github-hosted",
        } | more

    def token(self, kid: str = "1", *, headers: dict[str, Any] | None = None, **more: Any) -> str:
        claims = {name: value for name, value in self.claims(**more).items() if value is not None}
        return jwt.encode(
            claims, self.keys[kid], algorithm="RS256", headers={"kid": kid} | (headers or {})
        )

    def document(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.address, "jwks_uri": f"{self.address}/jwks"} | self.about
        if path == "/jwks":
            return {"keys": [row(*each) for each in self.keys.items()], "_": "x" * self.padding}
        return None


def row(kid: str, private: Any) -> dict[str, Any]:
    """The public half, as a list of keys has it."""
    public = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return {**public, "kid": kid, "use": "sig", "alg": "RS256"}


@contextmanager
def serving() -> Iterator[Issuer]:
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            found = issuer.document(self.path)
            content = json.dumps(found).encode()
            self.send_response(issuer.status if found else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(OSError):  # who asks has had enough
                self.send(content)

        def send(self, content: bytes) -> None:
            if not issuer.delay:
                self.wfile.write(content)
                return
            for byte in content:
                self.wfile.write(bytes([byte]))
                time.sleep(issuer.delay)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    issuer.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
