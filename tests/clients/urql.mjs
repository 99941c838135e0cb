// urql with all that it can do switched on: its Accept takes event streams too, and those must not come unasked.

import { cacheExchange, createClient, fetchExchange, subscriptionExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { createClient as createSocket } from "graphql-ws";
import WebSocket from "ws";
import { assert, authorization, CHANGES, check, endOfLog, http, tell, write, ws } from "./checks.mjs";

const fetchOptions = { headers: { authorization } };
const client = (options = {}) =>
  createClient({ url: http, exchanges: [cacheExchange, fetchExchange], fetchOptions, preferGetMethod: false, ...options });

const socket = createSocket({ url: ws, webSocketImpl: WebSocket, connectionParams: { authorization } });
const overSocket = subscriptionExchange({
  forwardSubscription: (request) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink) }),
  }),
});
const overEvents = { fetchSubscriptions: true };

/** The first result of a subscription. */
const first = (on, query, variables) =>
  new Promise((resolve) => {
    const { unsubscribe } = on.subscription(query, variables).subscribe((result) => {
      resolve(result);
      setTimeout(() => unsubscribe());
    });
  });

const COUNTRY = "query Country($code: CountryCode!) { country(code: $code) { code name } }";

for (const [way, options] of [
  ["POST", {}],
  ["GET", { preferGetMethod: "force" }],
  ["POST, with event streams on", overEvents],
  ["POST, with sockets on", { exchanges: [cacheExchange, fetchExchange, overSocket] }],
  ["POST, with both on", { exchanges: [cacheExchange, fetchExchange, overSocket], ...overEvents }],
  ["persisted, by POST", { exchanges: [persistedExchange({ preferGetForPersistedQueries: false }), fetchExchange] }],
  ["persisted, by GET", { exchanges: [persistedExchange({ preferGetForPersistedQueries: "force" }), fetchExchange] }],
]) {
  await check(`a query is answered: ${way}`, async () => {
    const on = client(options);
    for (const [code, name] of [["DE", "Germany"], ["KR", "South Korea"]]) {
      const { data, error } = await on.query(COUNTRY, { code });
      assert.equal(error, undefined);
      assert.deepEqual({ ...data.country, __typename: undefined }, { code, name, __typename: undefined });
    }
  });
}

for (const [query, variables, code] of [
  ["{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"],
  ["query A($n: Int) { countries(first: $n) { totalCount } }", { n: "x" }, "BAD_USER_INPUT"],
  ['{ node(id: "nonsense") { id } }', {}, "BAD_USER_INPUT"],
  ["query A($s: String!) { search(text: $s) { totalCount } }", { s: "x".repeat(1_100_000) }, "PAYLOAD_TOO_LARGE"],
]) {
  await check(`an error of ${query} is one of GraphQL`, async () => {
    const { error } = await client(overEvents).query(query, variables);
    assert.equal(error.networkError, undefined);
    assert.equal(error.graphQLErrors[0].extensions.code, code);
  });
}

await check("a credential that opens nothing is an error of GraphQL", async () => {
  const { error } = await client({ fetchOptions: { headers: { authorization: "Bearer rk_no" } } }).query("{ __typename }", {});
  assert.equal(error.networkError, undefined);
  assert.equal(error.graphQLErrors[0].extensions.code, "UNAUTHENTICATED");
});

await check("what is refused in an input is in the payload", async () => {
  const mutation = "mutation Add($input: SourceAddInput!) { sourceAdd(input: $input) { userErrors { code path } } }";
  const input = { reference: " ", title: "T", kind: "PRESS", reliability: "SECONDARY", language: "en", reason: "A test." };
  const { data, error } = await client(overEvents).mutation(mutation, { input });
  assert.equal(error, undefined);
  assert.deepEqual(data.sourceAdd.userErrors[0].path, ["reference"]);
});

for (const [way, options] of [
  ["events", overEvents],
  ["a socket", { exchanges: [fetchExchange, overSocket] }],
]) {
  await check(`changes are heard over ${way}`, async () => {
    const told = first(client(options), CHANGES, { after: await endOfLog() });
    await write(`urql-${way.replace(" ", "-")}`);
    const { data, error } = await told;
    assert.equal(error, undefined);
    assert.equal(data.changes.reason, "A client's test.");
  });

  await check(`an error is told over ${way}`, async () => {
    const { error } = await first(client(options), CHANGES, { after: "nonsense" });
    assert.equal(error.networkError, undefined);
    assert.equal(error.graphQLErrors[0].extensions.code, "BAD_USER_INPUT");
  });
}

tell();
