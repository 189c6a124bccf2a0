"""A small OpenID Connect provider on loopback: real discovery, codes, PKCE and signed tokens."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = "releases"
SECRET = "client-secret"


@dataclass
class Provider:
    """One provider with one client. `person` are the claims of whoever logs in."""

    address: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)  # code -> PKCE challenge
    key: Any = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def settings(self) -> dict[str, Any]:
        """SOCIALACCOUNT_PROVIDERS, as settings.py makes it from OIDC_ISSUER and its like."""
        app = {
            "provider_id": "oidc",
            "name": "Single sign-on",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": self.address},
        }
        return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}

    def consent(self, url: str) -> str:
        """What the person's browser does at the provider: agree, and carry the code back."""
        asked = parse_qs(urlsplit(url).query)
        assert asked["client_id"] == [CLIENT]
        assert asked["code_challenge_method"] == ["S256"]
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked["code_challenge"][0]
        return f"{asked['redirect_uri'][0]}?code={code}&state={asked['state'][0]}"

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def token(self, form: dict[str, list[str]]) -> dict[str, Any] | None:
        """Tokens for a code that was given out, with the PKCE verifier that fits; else None."""
        challenge = self.codes.pop(form.get("code", [""])[0], None)
        verifier = form.get("code_verifier", [""])[0].encode()
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        if challenge != digest or form.get("client_secret") != [SECRET]:
            return None
        claims = {
            **self.person,
            "iss": self.address,
            "aud": CLIENT,
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
        }
        signed = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"})
        return {"access_token": "access", "token_type": "Bearer", "id_token": signed}


@contextmanager
def serving() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("/.well-known/openid-configuration"):
                self.answer(provider.configuration())
            elif self.headers.get("Authorization") == "Bearer access":
                self.answer(provider.person)
            else:
                self.answer({"error": "not found"}, 404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            tokens = provider.token(parse_qs(body))
            self.answer(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

        def answer(self, value: dict[str, Any], status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
