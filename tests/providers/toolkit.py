"""An issuer of opaque tokens: `django-oauth-toolkit`, with a user, two clients and a database of its own."""

import tempfile
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

settings.configure(
    SECRET_KEY="a key for tests",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(tempfile.mkdtemp()) / "tokens.sqlite3",
            "OPTIONS": {"timeout": 20},
        }
    },
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
    OAUTH2_PROVIDER={
        "SCOPES": {"api:read": "read", "api:write": "write", "introspection": "ask about tokens"},
        "ACCESS_TOKEN_EXPIRE_SECONDS": 60,
        # `http` and a password for the user, which production has not.
        "PKCE_REQUIRED": False,
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()
urlpatterns = [path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def start() -> tuple[str, Server]:
    """The address of the issuer, and what stops it."""
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    User.objects.create_user("ada", password="correct-horse")
    for client, grant in [
        ("web", Application.GRANT_PASSWORD),
        ("machine", Application.GRANT_CLIENT_CREDENTIALS),
        ("resource-server", Application.GRANT_CLIENT_CREDENTIALS),
    ]:
        Application.objects.create(
            client_id=client,
            client_secret="secret",
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=grant,
        )
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://localhost:{server.server_port}/o", server
