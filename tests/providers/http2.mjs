// Refusals of requests with bodies, in HTTP/1.1 and HTTP/2 (h2c).
import assert from "node:assert/strict";
import { request as http1 } from "node:http";
import http2 from "node:http2";
import test, { after, before } from "node:test";
import { startResourceServer } from "./support.mjs";

let server;
before(async () => (server = await startResourceServer({})));
after(() => server?.stop());

const OF_CONNECTION = ["date", "connection", "keep-alive", "transfer-encoding"];

function plain(headers) {
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith(":") && !OF_CONNECTION.includes(name));
  return Object.fromEntries(kept);
}

/** A `POST` with a body, and its answer. */
const protocols = {
  "HTTP/1.1": (path, headers, body) =>
    new Promise((resolve, reject) => {
      const request = http1(`${server.origin}${path}`, { method: "POST", headers, agent: false }, async (response) => {
        const chunks = await response.toArray();
        resolve({ status: response.statusCode, headers: plain(response.headers), body: Buffer.concat(chunks).toString() });
        request.destroy();
      });
      request.on("error", reject);
      request.end(body);
    }),
  "HTTP/2": (path, headers, body) =>
    new Promise((resolve, reject) => {
      const session = http2.connect(server.origin);
      const stream = session.request({ ":method": "POST", ":path": path, ...headers });
      let answer;
      const chunks = [];
      stream.on("response", (found) => (answer = { status: found[":status"], headers: plain(found) }));
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("error", reject);
      // RFC 9113 §8.1: what comes before the body was sent ends with NO_ERROR.
      stream.on("close", () => {
        session.close();
        assert.equal(stream.rstCode, http2.constants.NGHTTP2_NO_ERROR);
        resolve({ ...answer, body: Buffer.concat(chunks).toString() });
      });
      stream.end(body);
    }),
};

const CALLERS = {
  "no credentials": {},
  "an invalid token": { authorization: "Bearer wrong" },
  "a token of a reader": { authorization: "Bearer demo-reader" },
  "an API key": { "x-api-key": "demo-key" },
};
const BODIES = { small: "text", large: Buffer.alloc(60_000) };

for (const [size, body] of Object.entries(BODIES)) {
  for (const [caller, headers] of Object.entries(CALLERS)) {
    test(`a ${size} body with ${caller} is refused alike`, async () => {
      const [one, two] = await Promise.all(Object.values(protocols).map((post) => post("/api/write", headers, body)));
      assert.deepEqual(two, one);
      assert.equal(one.status, ["no credentials", "an invalid token"].includes(caller) ? 401 : 403);
    });

    test(`a hidden handler and an unknown path cannot be told apart with ${caller} and a ${size} body`, async () => {
      for (const post of Object.values(protocols)) {
        const hidden = await post("/api/hidden", headers, body);
        assert.equal(hidden.status, 404);
        assert.deepEqual(hidden, await post("/api/no-such-path", headers, body));
      }
    });
  }

  test(`a ${size} body is read where the caller may`, async () => {
    for (const post of Object.values(protocols)) {
      const answer = await post("/api/write", { authorization: "Bearer demo-writer" }, body);
      assert.equal(answer.body, `${body.length} bytes`);
    }
  });
}

test("in HTTP/2 a body beyond the window is refused with a whole answer", async () => {
  const answer = await protocols["HTTP/2"]("/api/write", {}, Buffer.alloc(300_000));
  assert.equal(answer.status, 401);
  assert.match(answer.body, /Unauthorized/);
});
