// Both generations of the TypeScript SDK against the example `mcp`: `sdk` begins with `initialize`,
// `client` speaks the revision of 2026-07-28.
import assert from "node:assert/strict";
import test from "node:test";
import * as legacy from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { discoverOAuthProtectedResourceMetadata, extractWWWAuthenticateParams } from "@modelcontextprotocol/sdk/client/auth.js";
import * as modern from "@modelcontextprotocol/client";

const url = new URL(process.env.MCP_URL);
const info = { name: "tests", version: "1.0.0" };

async function connected(kind, token, options) {
  const requestInit = { headers: token ? { Authorization: `Bearer ${token}` } : {} };
  const [client, transport] =
    kind === "sdk"
      ? [new legacy.Client(info), new LegacyTransport(url, { requestInit })]
      : [
          new modern.Client(info, { versionNegotiation: { mode: kind === "modern" ? { pin: "2026-07-28" } : kind } }),
          new modern.StreamableHTTPClientTransport(url, { requestInit, ...options }),
        ];
  await client.connect(transport);
  return client;
}

for (const kind of ["sdk", "legacy", "auto", "modern"]) {
  test(`${kind}: the tools that the caller may call are listed, and called`, async () => {
    const reader = await connected(kind, "demo-reader");
    assert.deepEqual((await reader.listTools()).tools.map((tool) => tool.name), ["list_notes"]);
    const notes = await reader.callTool({ name: "list_notes", arguments: {} });
    assert.match(notes.content[0].text, /Water the plants/);
    if (kind !== "sdk") {
      assert.equal(
        reader.getNegotiatedProtocolVersion(),
        kind === "legacy" ? "2025-11-25" : "2026-07-28",
      );
    }
    await reader.close();

    const writer = await connected(kind, "demo-writer");
    assert.deepEqual((await writer.listTools()).tools.map((tool) => tool.name), ["list_notes", "add_note"]);
    const added = await writer.callTool({ name: "add_note", arguments: { text: `of ${kind}` } });
    assert.equal(added.content[0].text, "added");
    await assert.rejects(writer.callTool({ name: "nothing", arguments: {} }), (error) => {
      assert.equal(error.code, -32602);
      return true;
    });
    await writer.close();
  });

  for (const token of [undefined, "nonsense", "demo-elsewhere"]) {
    test(`${kind}: ${token} does not connect`, async () => {
      await assert.rejects(connected(kind, token), /401|[Uu]nauthorized/);
    });
  }
}

test("sdk: a tool that needs more is refused with a challenge", async () => {
  const reader = await connected("sdk", "demo-reader");
  await assert.rejects(reader.callTool({ name: "add_note", arguments: { text: "x" } }), /insufficient_scope|403/);
  await reader.close();
});

test("modern: a tool that needs more tells which scopes", async () => {
  const reader = await connected("modern", "demo-reader", { onInsufficientScope: "throw" });
  await assert.rejects(reader.callTool({ name: "add_note", arguments: { text: "x" } }), (error) => {
    assert(error instanceof modern.InsufficientScopeError, String(error));
    assert.equal(error.requiredScope, "notes:read notes:write");
    return true;
  });
  await reader.close();
});

test("the challenge leads to the metadata, as both SDKs read it", async () => {
  for (const sdk of [{ discoverOAuthProtectedResourceMetadata, extractWWWAuthenticateParams }, modern]) {
    const response = await fetch(url, { method: "POST", body: "{}" });
    assert.equal(response.status, 401);
    const { resourceMetadataUrl, scope, error } = sdk.extractWWWAuthenticateParams(response);
    assert.equal(scope, "notes:read");
    assert.equal(error, undefined);
    const metadata = await sdk.discoverOAuthProtectedResourceMetadata(url, { resourceMetadataUrl });
    assert.equal(metadata.resource, url.href);
    assert.deepEqual(metadata.scopes_supported, ["notes:read", "notes:write"]);
    // Without the challenge: the well-known place.
    assert.deepEqual(await sdk.discoverOAuthProtectedResourceMetadata(url), metadata);
  }
});
