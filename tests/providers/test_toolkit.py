"""Opaque tokens of `django-oauth-toolkit`, about which the resource server asks."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

import toolkit

SECRET = "secret"


@dataclass
class Api:
    origin: str
    resource: str

    def ask(self, token: str | None, path: str = "/api/me", method: str = "GET") -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.request(method, self.origin + path, headers=headers, timeout=10)


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    address, server = toolkit.start()
    yield address
    server.shutdown()


def serve(issuer: str, **environment: str) -> Iterator[Api]:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    api = Api(f"http://localhost:{port}", f"http://localhost:{port}/api")
    process = subprocess.Popen(
        [os.environ["RESOURCE_SERVER"]],
        env={
            "PATH": os.environ["PATH"],
            "RUST_LOG": os.environ.get("RUST_LOG", "warn"),
            "PORT": str(port),
            "INTROSPECTION": f"{issuer}/introspect/",
            "CLIENT_ID": "resource-server",
            "CLIENT_SECRET": SECRET,
            "TOOLKIT": "1",
            "UNTIL_END_OF_INPUT": "1",
            **environment,
        },
        stdin=subprocess.PIPE,
    )
    try:
        for _ in range(100):
            try:
                if requests.get(f"{api.origin}/health", timeout=1).ok:
                    break
            except requests.ConnectionError:
                time.sleep(0.05)
        yield api
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def api(issuer: str) -> Iterator[Api]:
    yield from serve(issuer)


@pytest.fixture(scope="session")
def any_audience(issuer: str) -> Iterator[Api]:
    yield from serve(issuer, ANY_AUDIENCE="1")


def tokens(issuer: str, client: str, scope: str = "api:read", resource: str | None = None) -> dict:
    form = {"scope": scope}
    if client == "web":
        form |= {"grant_type": "password", "username": "ada", "password": "correct-horse"}
    else:
        form |= {"grant_type": "client_credentials"}
    if resource:
        form["resource"] = resource
    response = requests.post(f"{issuer}/token/", data=form, auth=(client, SECRET), timeout=10)
    assert response.status_code == 200, response.text
    return response.json()


# The answers have no `sub`: the user's name in its stead, or else the client's.
@pytest.mark.parametrize(("client", "subject"), [("web", "ada"), ("machine", "machine")])
def test_a_token_for_this_resource_opens_what_its_scopes_allow(
    issuer: str, api: Api, client: str, subject: str
) -> None:
    token = tokens(issuer, client, resource=api.resource)["access_token"]
    me = api.ask(token)
    assert me.status_code == 200, me.text
    assert me.json()["subject"] == subject
    assert me.json()["scopes"] == ["api:read"]
    assert api.ask(token, "/api/read").status_code == 200
    refused = api.ask(token, "/api/write", "POST")
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="api:read api:write"' in refused.headers["www-authenticate"]


def test_a_token_for_another_resource_opens_nothing(issuer: str, api: Api) -> None:
    other = tokens(issuer, "web", resource="https://other.example/api")["access_token"]
    for token in [other, tokens(issuer, "web")["access_token"]]:
        assert api.ask(token).status_code == 401


@pytest.mark.parametrize("client", ["web", "machine"])
def test_a_token_without_audience_opens_an_api_that_says_so(
    issuer: str, any_audience: Api, client: str
) -> None:
    token = tokens(issuer, client)["access_token"]
    assert any_audience.ask(token, "/api/read").status_code == 200


def test_a_refresh_token_opens_nothing(issuer: str, api: Api, any_audience: Api) -> None:
    refresh = tokens(issuer, "web", resource=api.resource)["refresh_token"]
    for server in [api, any_audience]:
        answer = server.ask(refresh)
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_what_is_no_token_opens_nothing(api: Api) -> None:
    for token in ["nonsense", "a" * 300, "a.b.c"]:
        assert api.ask(token).status_code == 401
    assert "error" not in api.ask(None).headers["www-authenticate"]


def test_a_revoked_token_is_refused_once_the_answer_of_before_is_forgotten(
    issuer: str, api: Api
) -> None:
    token = tokens(issuer, "web", resource=api.resource)["access_token"]
    assert api.ask(token).status_code == 200
    revoked = requests.post(
        f"{issuer}/revoke_token/", data={"token": token}, auth=("web", SECRET), timeout=10
    )
    assert revoked.status_code == 200
    time.sleep(1.1)
    assert api.ask(token).status_code == 401


def test_an_expired_token_is_refused(issuer: str, api: Api) -> None:
    from datetime import timedelta

    from django.utils import timezone
    from oauth2_provider.models import AccessToken

    token = tokens(issuer, "web", resource=api.resource)["access_token"]
    AccessToken.objects.filter(token=token).update(expires=timezone.now() - timedelta(seconds=1))
    assert api.ask(token).status_code == 401


def test_a_server_that_may_not_ask_answers_503(issuer: str) -> None:
    token = tokens(issuer, "web")["access_token"]
    for api in serve(issuer, CLIENT_SECRET="another"):
        answer = api.ask(token)
        assert answer.status_code == 503
        assert "www-authenticate" not in answer.headers
