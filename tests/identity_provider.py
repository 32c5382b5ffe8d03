"""An OpenID Connect provider for the tests: `identity_provider.py PORT`.

Authlib's server with a form that signs anybody in, as oidc-provider-mock puts it together; here it also demands PKCE (RFC 7636) with S256, as
a strict provider does. Its signing key is a fresh one at each start.
"""

import os
import sys

import werkzeug.serving
from authlib.oauth2.rfc7636 import CodeChallenge
from oidc_provider_mock import _app

CHALLENGES = {}


class Challenge(CodeChallenge):
    CODE_CHALLENGE_METHODS_SUPPORTED = ["S256"]

    def __init__(self):
        super().__init__(required=True)

    def get_authorization_code_challenge(self, authorization_code):
        return CHALLENGES.get(authorization_code.code, ("", ""))[0]

    def get_authorization_code_challenge_method(self, authorization_code):
        return CHALLENGES.get(authorization_code.code, ("", ""))[1]


class Grant(_app.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "none"]

    def save_authorization_code(self, code, request):
        sent = request.payload.data
        method = sent.get("code_challenge_method")
        if not sent.get("code_challenge") or method != "S256":
            raise ValueError("no code_challenge by S256")
        CHALLENGES[code] = (sent["code_challenge"], method)
        super().save_authorization_code(code, request)


def register(server, grant, extensions=None, plain=_app.flask_oauth2.AuthorizationServer.register_grant):
    if grant is _app.AuthorizationCodeGrant:
        return plain(server, Grant, [*extensions, Challenge()])
    return plain(server, grant, extensions)


_app.AuthorizationCodeGrant, Plain = Grant, _app.AuthorizationCodeGrant
_app.flask_oauth2.AuthorizationServer.register_grant = register

if __name__ == "__main__":
    with open("provider.pid", "w") as file:
        file.write(f"{os.getpid()}\n")
    server = werkzeug.serving.make_server("127.0.0.1", int(sys.argv[1]), _app.app(require_nonce=True), threaded=True)
    server.serve_forever()
