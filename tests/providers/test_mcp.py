"""The Python SDK against the example `mcp`: with `initialize`, and in the revision of 2026-07-28."""

import os

import httpx2
import pytest
from mcp import Client
from mcp.client.auth.utils import (
    extract_field_from_www_auth,
    extract_resource_metadata_from_www_auth,
    extract_scope_from_www_auth,
)
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import ProtectedResourceMetadata
from mcp.shared.exceptions import MCPError

URL = os.environ["MCP_URL"]
MODES = {"legacy": "2025-11-25", "auto": "2026-07-28", "2026-07-28": "2026-07-28"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def headers(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def connect(mode: str, token: str | None, statuses: list[int] | None = None) -> Client:
    async def note(response: httpx2.Response) -> None:
        if statuses is not None:
            statuses.append(response.status_code)

    http = httpx2.AsyncClient(headers=headers(token), timeout=10, event_hooks={"response": [note]})
    return Client(streamable_http_client(URL, http_client=http), mode=mode)


@pytest.mark.anyio
@pytest.mark.parametrize("mode", MODES)
async def test_tools_that_the_caller_may_call_are_listed_and_called(mode: str) -> None:
    async with connect(mode, "demo-reader") as reader:
        assert reader.protocol_version == MODES[mode]
        assert [tool.name for tool in (await reader.list_tools()).tools] == ["list_notes"]
        notes = await reader.call_tool("list_notes", {})
        assert "Water the plants" in notes.content[0].text
    async with connect(mode, "demo-writer") as writer:
        assert [tool.name for tool in (await writer.list_tools()).tools] == ["list_notes", "add_note"]
        assert (await writer.call_tool("add_note", {"text": mode})).content[0].text == "added"
        with pytest.raises(MCPError) as unknown:
            await writer.call_tool("nothing", {})
        assert unknown.value.code == -32602


@pytest.mark.anyio
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("token", [None, "nonsense", "demo-elsewhere"])
async def test_a_caller_without_a_token_for_this_server_gets_nothing(mode: str, token: str | None) -> None:
    statuses: list[int] = []
    with pytest.raises(Exception):
        async with connect(mode, token, statuses) as client:
            await client.list_tools()
    assert set(statuses) == {401}


@pytest.mark.anyio
@pytest.mark.parametrize("mode", MODES)
async def test_a_tool_that_needs_more_is_refused(mode: str) -> None:
    statuses: list[int] = []
    with pytest.raises(Exception):
        async with connect(mode, "demo-reader", statuses) as reader:
            await reader.call_tool("add_note", {"text": "x"})
    assert 403 in statuses and 401 not in statuses


def test_the_challenges_are_read_as_they_are_meant() -> None:
    refused = httpx2.post(URL, json={})
    assert refused.status_code == 401
    assert extract_scope_from_www_auth(refused) == "notes:read"
    assert extract_field_from_www_auth(refused, "error") is None
    metadata_url = extract_resource_metadata_from_www_auth(refused)
    metadata = ProtectedResourceMetadata.model_validate_json(httpx2.get(metadata_url).content)
    assert str(metadata.resource) == URL
    assert metadata.scopes_supported == ["notes:read", "notes:write"]

    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "add_note"}}
    refused = httpx2.post(URL, json=call, headers=headers("demo-reader"))
    assert refused.status_code == 403
    assert extract_field_from_www_auth(refused, "error") == "insufficient_scope"
    assert extract_scope_from_www_auth(refused) == "notes:read notes:write"
