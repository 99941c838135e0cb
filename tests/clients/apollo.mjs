// Apollo Client: queries, errors, pages, persisted queries and subscriptions.

import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { assert, authorization, CHANGES, check, endOfLog, http, tell, write, ws } from "./checks.mjs";

globalThis.WebSocket ??= WebSocket; // Node has one from 22 on, and Apollo's link names it
const headers = { authorization };
const cache = () =>
  new InMemoryCache({
    possibleTypes: { Node: ["Agreement", "Country"] },
    typePolicies: { Query: { fields: { countries: relayStylePagination(), agreements: relayStylePagination() } } },
  });
const client = (link) => new ApolloClient({ link, cache: cache() });
const plain = client(new HttpLink({ uri: http, headers }));

/** The errors that an operation is refused with, as GraphQL tells them. */
async function refusal(operation) {
  const error = await operation.then(() => assert.fail("it was answered"), (error) => error);
  assert.ok(CombinedGraphQLErrors.is(error), `not an error of GraphQL: ${error}`);
  return error.errors;
}

for (const useGETForQueries of [false, true]) {
  await check(`a query is answered by ${useGETForQueries ? "GET" : "POST"}`, async () => {
    const query = gql`query Country($code: CountryCode!) { country(code: $code) { code name } }`;
    const asking = client(new HttpLink({ uri: http, headers, useGETForQueries }));
    const { data } = await asking.query({ query, variables: { code: "DE" } });
    assert.deepEqual(data.country, { __typename: "Country", code: "DE", name: "Germany" });
  });
}

for (const [what, query, variables, code] of [
  ["a field that is not there", gql`{ nothing }`, {}, "GRAPHQL_VALIDATION_FAILED"],
  ["a variable of another type", gql`query A($n: Int) { countries(first: $n) { totalCount } }`, { n: "x" }, "BAD_USER_INPUT"],
  ["a page that is too large", gql`{ countries(first: 1000) { totalCount } }`, {}, "BAD_USER_INPUT"],
  ["an id that is none", gql`{ node(id: "nonsense") { id } }`, {}, "BAD_USER_INPUT"],
  ["a body that is too large", gql`query A($s: String!) { search(text: $s) { totalCount } }`, { s: "x".repeat(1_100_000) }, "PAYLOAD_TOO_LARGE"],
]) {
  await check(`${what} is an error of GraphQL`, async () => {
    const [error] = await refusal(plain.query({ query, variables }));
    assert.equal(error.extensions.code, code);
    assert.ok(error.message);
  });
}

await check("a credential that opens nothing is an error of GraphQL", async () => {
  const stranger = client(new HttpLink({ uri: http, headers: { authorization: "Bearer rk_no" } }));
  const [error] = await refusal(stranger.query({ query: gql`{ viewer { role } }` }));
  assert.equal(error.extensions.code, "UNAUTHENTICATED");
});

await check("a mutation that may not be is an error of GraphQL", async () => {
  const mutation = gql`mutation { sourceAdd(input: { reference: "x", title: "x", kind: PRESS, reliability: SECONDARY,
    language: "en", reason: "x" }) { userErrors { code } } }`;
  const [error] = await refusal(client(new HttpLink({ uri: http })).mutate({ mutation }));
  assert.equal(error.extensions.code, "FORBIDDEN");
});

await check("what is refused in an input is in the payload, with the way to it", async () => {
  const mutation = gql`mutation Add($input: SourceAddInput!) { sourceAdd(input: $input) { userErrors { code path } } }`;
  const input = { reference: " ", title: "T", kind: "PRESS", reliability: "SECONDARY", language: "en", reason: "A test." };
  const { data } = await plain.mutate({ mutation, variables: { input } });
  assert.deepEqual(data.sourceAdd.userErrors.map((each) => each.path), [["reference"]]);
});

await check("pages are joined by relayStylePagination", async () => {
  const query = gql`query Pages($first: Int!, $after: String) {
    countries(first: $first, after: $after) { totalCount edges { cursor node { id code } } pageInfo { hasNextPage endCursor } } }`;
  const paging = client(new HttpLink({ uri: http }));
  const watched = paging.watchQuery({ query, variables: { first: 100 } });
  const subscription = watched.subscribe(() => {});
  let page = (await paging.query({ query, variables: { first: 100 } })).data.countries;
  while (page.pageInfo.hasNextPage) {
    page = (await watched.fetchMore({ variables: { after: page.pageInfo.endCursor } })).data.countries;
  }
  const { edges, totalCount } = paging.readQuery({ query, variables: { first: 100 } }).countries;
  assert.ok(totalCount > 200);
  assert.equal(new Set(edges.map((edge) => edge.node.code)).size, totalCount);
  assert.equal(edges.length, totalCount);
  subscription.unsubscribe();
});

await check("records are stored once, by their ids, and fetched anew by node", async () => {
  const { data } = await plain.query({ query: gql`{ country(code: "TR") { id code } }` });
  const query = gql`query Again($id: ID!) { node(id: $id) { id ... on Country { code name } } }`;
  const again = await plain.query({ query, variables: { id: data.country.id } });
  assert.equal(again.data.node.code, "TR");
  assert.ok(plain.cache.extract()[`Country:${data.country.id}`].name);
});

for (const useGETForHashedQueries of [false, true]) {
  await check(`the link of persisted queries gets its answer by ${useGETForHashedQueries ? "GET" : "POST"}`, async () => {
    const sha256 = (text) => createHash("sha256").update(text).digest("hex");
    const link = new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(new HttpLink({ uri: http }));
    const asking = client(link);
    for (const code of ["DE", "KR"]) {
      const { data } = await asking.query({
        query: gql`query Persisted($code: CountryCode!) { country(code: $code) { code } }`,
        variables: { code },
      });
      assert.equal(data.country.code, code);
    }
  });
}

await check("changes are heard over graphql-ws, and errors there are errors of GraphQL", async () => {
  const connection = createClient({ url: ws, webSocketImpl: WebSocket, connectionParams: { authorization } });
  const link = ApolloLink.split(
    ({ operationType }) => operationType === "subscription",
    new GraphQLWsLink(connection),
    new HttpLink({ uri: http }),
  );
  const live = client(link);
  const hear = (variables) =>
    new Promise((resolve, reject) => {
      const heard = live.subscribe({ query: gql(CHANGES), variables }).subscribe({
        next: (result) => {
          resolve(result);
          heard.unsubscribe();
        },
        error: reject,
      });
    });
  const told = hear({ after: await endOfLog() });
  await write("apollo-1"+Date.now());
  assert.equal((await told).data.changes.reason, "A client's test.");

  const { error } = await hear({ after: "nonsense" });
  assert.ok(CombinedGraphQLErrors.is(error), String(error));
  assert.equal(error.errors[0].extensions.code, "BAD_USER_INPUT");
});

tell();
