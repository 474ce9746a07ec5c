// Tokens of `oidc-provider`, presented by the client `oauth4webapi`.
import assert from "node:assert/strict";
import test, { after, before, describe } from "node:test";
import * as oauth from "oauth4webapi";
import { STRONG, newKey, startIssuer } from "./oidc_issuer.mjs";
import { sleep, startResourceServer } from "./support.mjs";

const insecure = { [oauth.allowInsecureRequests]: true };
const machine = { client_id: "machine" };
const web = { client_id: "web" };
const secret = oauth.ClientSecretBasic("secret");
const BACK = "https://client.example/back";

let issuer, as, signed, opaque, both;

before(async () => {
  issuer = await startIssuer([await newKey("first")]);
  const url = new URL(issuer.issuer);
  as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, insecure));
  const asked = {
    INTROSPECTION: as.introspection_endpoint,
    CLIENT_ID: "resource-server",
    CLIENT_SECRET: "secret",
    AUTHORIZATION_SERVER: issuer.issuer,
  };
  signed = await startResourceServer({ ISSUER: issuer.issuer });
  opaque = await startResourceServer(asked);
  both = await startResourceServer({ ...asked, ISSUER: issuer.issuer });
  issuer.register(signed.resource, "jwt");
  issuer.register(opaque.resource, "opaque");
  issuer.register(both.resource, "jwt");
});

after(async () => {
  for (const server of [signed, opaque, both]) server?.stop();
  await issuer?.stop();
});

/** A token for the machine, as client of its own. */
async function machineToken(server, scope = "api:read") {
  const parameters = new URLSearchParams({ resource: server.resource, scope });
  const response = await oauth.clientCredentialsGrantRequest(as, machine, secret, parameters, insecure);
  return (await oauth.processClientCredentialsResponse(as, machine, response)).access_token;
}

/** The tokens for the user `ada`, whose browser keeps its cookies in `jar`. */
async function userTokens(server, jar, parameters = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  let url = new URL(as.authorization_endpoint);
  for (const [name, value] of Object.entries({
    client_id: web.client_id,
    response_type: "code",
    redirect_uri: BACK,
    scope: "openid api:read api:write",
    resource: server.resource,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...parameters,
  })) {
    url.searchParams.set(name, value);
  }
  for (let hops = 0; !url.href.startsWith(BACK); hops += 1) {
    assert(hops < 10, "too many redirects");
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      value ? jar.set(name, value) : jar.delete(name);
    }
    assert(response.headers.has("location"), `${response.status} at ${url}: ${await response.clone().text()}`);
    url = new URL(response.headers.get("location"), url);
  }
  const callback = oauth.validateAuthResponse(as, web, url);
  const options = { ...insecure, additionalParameters: { resource: server.resource } };
  const response = await oauth.authorizationCodeGrantRequest(as, web, secret, callback, BACK, verifier, options);
  return oauth.processAuthorizationCodeResponse(as, web, response);
}

const userToken = async (...parameters) => (await userTokens(...parameters)).access_token;

/** The answer as the client takes it: its status, and its challenges where it has some. */
async function ask(server, token, method, path, body) {
  const url = new URL(`${server.origin}${path}`);
  try {
    const response = await oauth.protectedResourceRequest(token, method, url, undefined, body, insecure);
    return { status: response.status, body: await response.text(), challenges: [] };
  } catch (error) {
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
    return { status: error.status, body: await error.response.text(), challenges: error.cause };
  }
}

const bearer = (answer) => answer.challenges.find((challenge) => challenge.scheme === "bearer")?.parameters;

describe("the client", () => {
  test("finds the authorization server by the metadata of the resource", async () => {
    for (const server of [signed, opaque, both]) {
      const url = new URL(server.resource);
      const metadata = await oauth.processResourceDiscoveryResponse(
        url,
        await oauth.resourceDiscoveryRequest(url, insecure),
      );
      assert.deepEqual(metadata.authorization_servers, [issuer.issuer]);
      assert(metadata.scopes_supported.includes("api:write"));
    }
  });

  test("reads the challenges of a refusal", async () => {
    const nothing = await fetch(`${signed.origin}/api/me`);
    assert.equal(nothing.status, 401);
    const response = await ask(signed, "nonsense", "GET", "/api/me");
    assert.equal(response.status, 401);
    assert.deepEqual(response.challenges.map(({ scheme }) => scheme), ["bearer", "apikey", "cookie"]);
    assert.equal(bearer(response).error, "invalid_token");
    assert.equal(
      bearer(response).resource_metadata,
      `${signed.origin}/.well-known/oauth-protected-resource/api`,
    );
  });
});

for (const kind of ["signed", "opaque", "both"]) {
  describe(`tokens: ${kind}`, () => {
    const server = () => ({ signed, opaque, both })[kind];

    test("a machine's token opens what its scopes allow", async () => {
      const token = await machineToken(server());
      assert.equal(token.split(".").length === 3, kind !== "opaque");
      const me = await ask(server(), token, "GET", "/api/me");
      assert.equal(me.status, 200, me.body);
      assert.deepEqual(JSON.parse(me.body).scopes, ["api:read"]);
      assert.equal(JSON.parse(me.body).client, "machine");
      assert.equal((await ask(server(), token, "GET", "/api/read")).status, 200);
      const refused = await ask(server(), token, "POST", "/api/write", "text");
      assert.equal(refused.status, 403);
      assert.equal(bearer(refused).error, "insufficient_scope");
      assert.equal(bearer(refused).scope, "api:read api:write");
      const more = await machineToken(server(), "api:read api:write");
      assert.equal((await ask(server(), more, "POST", "/api/write", "text")).body, "4 bytes");
    });

    test("a token for another resource opens nothing", async () => {
      const other = await machineToken(kind === "signed" ? both : signed);
      const answer = await ask(server(), other, "GET", "/api/me");
      assert.equal(answer.status, 401);
      assert.equal(bearer(answer).error, "invalid_token");
    });

    test("a changed token opens nothing", async () => {
      const token = await machineToken(server());
      const middle = Math.floor(token.length / 2);
      const changed = token.slice(0, middle) + (token[middle] === "A" ? "B" : "A") + token.slice(middle + 1);
      assert.equal((await ask(server(), changed, "GET", "/api/me")).status, 401);
    });

    test("a user steps up, as the challenge says", async () => {
      const jar = new Map();
      const weak = await userToken(server(), jar);
      assert.equal(JSON.parse((await ask(server(), weak, "GET", "/api/me")).body).subject, "ada");
      const refused = await ask(server(), weak, "GET", "/api/strong");
      assert.equal(refused.status, 401);
      const { error, acr_values } = bearer(refused);
      assert.deepEqual([error, acr_values], ["insufficient_user_authentication", STRONG]);
      const strong = await userToken(server(), jar, { acr_values });
      assert.equal((await ask(server(), strong, "GET", "/api/strong")).body, "strong");
      assert.equal((await ask(server(), weak, "GET", "/api/strong")).status, 401);
    });

    test("a user logs in again, where it was too long ago", async () => {
      const jar = new Map();
      const first = await userToken(server(), jar);
      assert.equal((await ask(server(), first, "GET", "/api/fresh")).status, 200);
      await sleep(3100);
      const refused = await ask(server(), first, "GET", "/api/fresh");
      assert.equal(refused.status, 401);
      const { error, max_age } = bearer(refused);
      assert.deepEqual([error, max_age], ["insufficient_user_authentication", "2"]);
      // Without `max_age` the session of the browser is used again, and its time with it.
      const same = await userToken(server(), jar);
      assert.equal((await ask(server(), same, "GET", "/api/fresh")).status, 401);
      const fresh = await userToken(server(), jar, { max_age });
      assert.equal((await ask(server(), fresh, "GET", "/api/fresh")).status, 200);
    });
  });
}

test("a server that takes both kinds asks about the opaque ones", async () => {
  issuer.register(both.resource, "opaque");
  const token = await userToken(both, new Map());
  issuer.register(both.resource, "jwt");
  assert.equal(token.split(".").length, 1);
  const me = await ask(both, token, "GET", "/api/me");
  assert.deepEqual([me.status, JSON.parse(me.body).subject], [200, "ada"]);
  assert.equal((await ask(both, `${token}x`, "GET", "/api/me")).status, 401);
});

test("an ID token is no access token", async () => {
  const tokens = await userTokens(signed, new Map());
  assert.equal((await ask(signed, tokens.access_token, "GET", "/api/me")).status, 200);
  for (const server of [signed, opaque, both]) {
    assert.equal((await ask(server, tokens.id_token, "GET", "/api/me")).status, 401);
  }
});

test("a revoked opaque token is refused once the answer of before is forgotten", async () => {
  const token = await machineToken(opaque);
  assert.equal((await ask(opaque, token, "GET", "/api/me")).status, 200);
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, machine, secret, token, insecure));
  await sleep(1100);
  const answer = await ask(opaque, token, "GET", "/api/me");
  assert.equal(answer.status, 401);
  assert.equal(bearer(answer).error, "invalid_token");
});

describe("keys", () => {
  test("the next key, announced beside the last, is taken at once", async () => {
    const [last, next] = [await newKey("last"), await newKey("next")];
    issuer.useKeys([last]);
    await sleep(1100);
    const old = await machineToken(signed);
    assert.equal((await ask(signed, old, "GET", "/api/me")).status, 200);
    issuer.useKeys([next, last]);
    await sleep(1100);
    const young = await machineToken(signed);
    assert.equal((await ask(signed, young, "GET", "/api/me")).status, 200);
    assert.equal((await ask(signed, old, "GET", "/api/me")).status, 200);
  });

  for (const alg of ["ES256", "Ed25519", "EdDSA"]) {
    test(`tokens signed with ${alg} are taken`, async () => {
      issuer.useKeys([await newKey("rsa"), await newKey(`key of ${alg}`, alg)]);
      issuer.register(signed.resource, "jwt", alg);
      await sleep(1100);
      const answer = await ask(signed, await machineToken(signed), "GET", "/api/me");
      assert.equal(answer.status, 200, `${answer.body} ${signed.log()}`);
      issuer.register(signed.resource, "jwt");
    });
  }

  test("strangers' key ids cause few questions, and no valid token is called invalid", async () => {
    issuer.useKeys([await newKey("before")]);
    await sleep(1100);
    const valid = await machineToken(signed);
    assert.equal((await ask(signed, valid, "GET", "/api/me")).status, 200);
    const forged = (kid) =>
      [{ alg: "RS256", typ: "at+jwt", kid }, JSON.parse(atob(valid.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")))]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .concat(valid.split(".")[2])
        .join(".");
    const before = issuer.counts.jwks;
    const statuses = await Promise.all(
      Array.from({ length: 50 }, (_, index) => ask(signed, forged(`forged ${index}`), "GET", "/api/me")),
    );
    // 503 where it cannot be known yet.
    assert(statuses.every(({ status }) => status === 401 || status === 503));
    assert(issuer.counts.jwks - before <= 5, `${issuer.counts.jwks - before} questions`);
    assert.equal((await ask(signed, valid, "GET", "/api/me")).status, 200);
  });

  test("all keys replaced without notice: never 401 for a valid token", async () => {
    issuer.useKeys([await newKey("gone")]);
    await sleep(1100);
    assert.equal((await ask(signed, await machineToken(signed), "GET", "/api/me")).status, 200);
    issuer.useKeys([await newKey("come")]);
    const token = await machineToken(signed);
    const seen = [];
    for (const end = Date.now() + 3000; Date.now() < end; await sleep(50)) {
      seen.push((await ask(signed, token, "GET", "/api/me")).status);
      if (seen.at(-1) === 200) break;
    }
    assert.equal(seen.at(-1), 200, seen.join(" "));
    assert(!seen.includes(401), seen.join(" "));
  });

  test("another key under the same id is found", async () => {
    issuer.useKeys([await newKey("same")]);
    await sleep(1100);
    assert.equal((await ask(signed, await machineToken(signed), "GET", "/api/me")).status, 200);
    issuer.useKeys([await newKey("same")]);
    const token = await machineToken(signed);
    const seen = [];
    for (const end = Date.now() + 3000; Date.now() < end; await sleep(50)) {
      seen.push((await ask(signed, token, "GET", "/api/me")).status);
      if (seen.at(-1) === 200) break;
    }
    assert.equal(seen.at(-1), 200, [...new Set(seen)].join(" "));
  });
});

test("while the issuer is down, 503 with the time until the next attempt, and then at once 200", async () => {
  issuer.useKeys([await newKey("whatever")]);
  const token = await machineToken(opaque);
  await issuer.stop();
  const url = `${opaque.origin}/api/me`;
  const headers = { Authorization: `Bearer ${token}` };
  const down = await fetch(url, { headers });
  await issuer.listen();
  assert.equal(down.status, 503);
  assert(Number(down.headers.get("retry-after")) >= 1);
  assert.equal(down.headers.get("www-authenticate"), null);
  assert.equal((await fetch(url, { headers })).status, 200);
});
