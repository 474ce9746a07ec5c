// An issuer: `oidc-provider`, whose users log in without a page, and whose keys the tests change.
import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import { Provider, errors, interactionPolicy } from "oidc-provider";
import { freePort } from "./support.mjs";

export const STRONG = "urn:example:strong";
const SCOPES = "api:read api:write";

export async function newKey(kid, alg = "RS256") {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg, use: "sig" };
}

/** Who asks for a stronger authentication logs in again, as for a greater `max_age`. */
function policy() {
  const policy = interactionPolicy.base();
  policy.get("login").checks.add(
    new interactionPolicy.Check("acr", "a stronger authentication is required", ({ oidc }) => {
      const wanted = oidc.params.acr_values;
      return wanted !== undefined && oidc.session.acr !== wanted && !oidc.result?.login
        ? interactionPolicy.Check.REQUEST_PROMPT
        : interactionPolicy.Check.NO_NEED_TO_PROMPT;
    }),
  );
  return policy;
}

export async function startIssuer(keys) {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const resources = new Map();
  let handler;
  const serve = (jwks) => {
    const client = { client_secret: "secret", grant_types: ["client_credentials"], response_types: [], redirect_uris: [] };
    const provider = new Provider(issuer, {
      jwks: { keys: jwks },
      acrValues: [STRONG],
      scopes: ["openid", ...SCOPES.split(" ")],
      clients: [
        { ...client, client_id: "machine", scope: SCOPES },
        { ...client, client_id: "resource-server" },
        { client_id: "web", client_secret: "secret", redirect_uris: ["https://client.example/back"], scope: `openid ${SCOPES}` },
      ],
      cookies: { keys: ["a key for tests"] },
      extraTokenClaims: ({ oidc }) => {
        const code = oidc.entities.AuthorizationCode;
        return code && { acr: code.acr, auth_time: code.authTime };
      },
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        introspection: { enabled: true },
        revocation: { enabled: true },
        resourceIndicators: {
          enabled: true,
          useGrantedResource: () => true,
          getResourceServerInfo: (_, indicator) => {
            const info = resources.get(indicator);
            if (!info) throw new errors.InvalidTarget();
            return info;
          },
        },
      },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
      interactions: { policy: policy(), url: (_, interaction) => `/interaction/${interaction.uid}` },
      loadExistingGrant: async (ctx) => {
        const { client, session, params } = ctx.oidc;
        const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
        grant.addOIDCScope(`openid ${SCOPES}`);
        grant.addResourceScope(params.resource, SCOPES);
        await grant.save();
        return grant;
      },
    });
    const answer = provider.callback();
    handler = async (request, response) => {
      if (!request.url.startsWith("/interaction/")) return answer(request, response);
      const { params } = await provider.interactionDetails(request, response);
      const login = { accountId: "ada", acr: params.acr_values, remember: true };
      await provider.interactionFinished(request, response, { login });
    };
  };
  serve(keys);
  const counts = { jwks: 0 };
  const server = createServer((request, response) => {
    counts.jwks += request.url.startsWith("/jwks");
    handler(request, response).catch?.((error) => response.writeHead(500).end(String(error)));
  });
  const listen = () => new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listen();
  return {
    issuer,
    counts,
    /** Says which kind of tokens a resource gets. */
    register: (resource, format, alg = "RS256") =>
      resources.set(resource, {
        scope: SCOPES,
        audience: resource,
        accessTokenFormat: format,
        ...(format === "jwt" && { jwt: { sign: { alg } } }),
      }),
    useKeys: serve,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
    listen,
  };
}
