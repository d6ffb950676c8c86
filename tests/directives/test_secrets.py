"""What of an environment is shown, and what is not."""

from __future__ import annotations

import pytest

from mykernel.directives.secrets import shown
from mykernel.directives.surroundings import sets_secret

NAMES = """
MYSQL_PWD PGPASSWORD DB_PASS SSHPASS PASSPHRASE MY_TOKEN GITHUB_TOKEN JUPYTER_TOKEN TOKEN
AWS_SECRET_ACCESS_KEY AWS_ACCESS_KEY_ID client_secret API_KEY OPENAI_API_KEY apikey KEY
GOOGLE_CREDENTIALS SESSION_COOKIE NPM_AUTH HTTP_AUTHORIZATION PRIVATE_PEM SENTRY_DSN
DOCKER_AUTH_CONFIG SLACK_WEBHOOK_URL
"""
HARMLESS = """
PWD OLDPWD HOME PATH LANG KEYBOARD XDG_SESSION_ID SSH_AUTH_SOCK XAUTHORITY TOKENIZERS_PARALLELISM
GIT_AUTHOR_NAME SSL_CERT_FILE
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_a_secret_is_told_by_its_name(name: str) -> None:
    assert shown(name, "hunter2") == "<hidden>"
    assert shown(name, "") == ""
    assert sets_secret(f"{name} = hunter2")
    assert not sets_secret(name)


@pytest.mark.parametrize("name", HARMLESS.split())
def test_others_are_shown(name: str) -> None:
    assert shown(name, "/some/where") == "/some/where"
    assert not sets_secret(f"{name}=/some/where")


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("postgresql://me:hunter2@host/db", "postgresql://me:<hidden>@host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("http://:hunter2@proxy:3128", "http://:<hidden>@proxy:3128"),
        ("https://host/?user=me&token=hunter2&x=1", "https://host/?user=me&token=<hidden>&x=1"),
        ("host=h password=hunter2 port=1", "host=h password=<hidden> port=1"),
        ("Endpoint=e;AccountKey=hunter2;x=1", "Endpoint=e;AccountKey=<hidden>;x=1"),
    ],
)
def test_a_secret_within_a_value_is_left_out(value: str, seen: str) -> None:
    assert shown("DATABASE_URL", value) == seen
