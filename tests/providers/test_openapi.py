"""`schemathesis` against the example `openapi`: the document says what the app does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

URL = os.environ["OPENAPI_URL"]


def run(directory: Path, document: str, token: str, checks: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis",
            "--no-color",
            "run",
            document,
            f"--checks={checks}",
            f"--header=Authorization: Bearer {token}",
            "--max-examples=20",
            "--seed=1",
            "--generation-database=none",
            "--request-timeout=10",
            *options,
        ],
        # It keeps what it finds where it runs.
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("token", ["demo-editor", "demo-reader"])
def test_the_app_answers_as_its_document_says(tmp_path: Path, token: str) -> None:
    outcome = run(tmp_path, f"{URL}/openapi.json", token, "all")
    assert outcome.returncode == 0, outcome.stdout
    assert "3 selected / 3 total" in outcome.stdout


def test_an_operation_that_is_open_against_its_document_is_found(tmp_path: Path) -> None:
    document = requests.get(f"{URL}/openapi.json", timeout=10).json()
    assert document["paths"]["/health"]["get"]["security"] == []
    document["paths"]["/health"]["get"]["security"] = [{"Bearer": []}]
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(document))
    outcome = run(tmp_path, str(wrong), "demo-reader", "ignored_auth", f"--url={URL}/v1")
    assert outcome.returncode != 0
    assert "accepts requests without authentication" in outcome.stdout


def test_servers_say_below_what_the_paths_stand() -> None:
    document = requests.get(f"{URL}/openapi.json", timeout=10).json()
    (server,) = document["servers"]
    assert requests.get(f"{URL}{server['url']}/health", timeout=10).status_code == 200
