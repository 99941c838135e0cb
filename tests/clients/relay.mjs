// Relay: what relay-compiler has made of relay/documents.js against the published schema, run by relay-runtime.

import { createRequire } from "node:module";
import { createClient } from "graphql-ws";
import runtime from "relay-runtime";
import WebSocket from "ws";
import { assert, authorization, check, endOfLog, http, tell, write, ws } from "./checks.mjs";

const { commitMutation, ConnectionHandler, createOperationDescriptor, Environment, fetchQuery, getPaginationMetadata } = runtime;
const { getPaginationVariables, getRefetchMetadata, getSingularSelector, Network, Observable } = runtime;
const { RecordSource, requestSubscription, ROOT_ID, Store } = runtime;
const require = createRequire(import.meta.url);
const artifact = (name) => require(`./relay/__generated__/${name}.graphql.js`);

async function ask({ text }, variables) {
  const headers = { authorization, "content-type": "application/json", accept: "application/graphql-response+json" };
  const body = JSON.stringify({ query: text, variables });
  return (await fetch(http, { method: "POST", headers, body })).json();
}
const socket = createClient({ url: ws, webSocketImpl: WebSocket, connectionParams: { authorization } });
const hear = ({ text }, variables) => Observable.create((sink) => socket.subscribe({ query: text, variables }, sink));
const environment = () => new Environment({ network: Network.create(ask, hear), store: new Store(new RecordSource()) });

/** What a fragment reads of a place in the store; where that lacks something, the check fails. */
function read(relay, fragment, reference) {
  const snapshot = relay.lookup(getSingularSelector(fragment, reference));
  assert.equal(snapshot.isMissingData, false);
  return snapshot.data;
}

const query = (relay, name, variables = {}) => fetchQuery(relay, artifact(name), variables).toPromise();

const mutate = (relay, name, variables, options = {}) =>
  new Promise((resolve, reject) => {
    const mutation = artifact(name);
    commitMutation(relay, { mutation, variables, onCompleted: resolve, onError: reject, ...options });
  });

await check("a fragment of the root is paged through, and the store joins the pages", async () => {
  const relay = environment();
  const fragment = artifact("documents_countries");
  const root = await query(relay, "documentsCountriesQuery");
  const { connectionPathInFragmentData, paginationMetadata, paginationRequest } = getPaginationMetadata(fragment, "a test");
  for (;;) {
    const page = connectionPathInFragmentData.reduce((data, key) => data[key], read(relay, fragment, root));
    if (!page.pageInfo.hasNextPage) {
      assert.ok(page.totalCount > 200);
      assert.equal(page.edges.length, page.totalCount);
      assert.equal(new Set(page.edges.map((edge) => edge.node.code)).size, page.totalCount);
      break;
    }
    const next = getPaginationVariables("forward", 100, page.pageInfo.endCursor, {}, {}, paginationMetadata);
    await fetchQuery(relay, paginationRequest, next).toPromise();
  }
});

await check("a fragment of a record is fetched anew and paged through by node", async () => {
  const relay = environment();
  const fragment = artifact("documents_country");
  const { country } = await query(relay, "documentsCountryQuery", { code: "TR" });
  const { identifierInfo, refetchableRequest } = getRefetchMetadata(fragment, "a test");
  const id = country.__id;
  assert.equal(identifierInfo.identifierField, "id");

  const spoken = await fetchQuery(relay, refetchableRequest, { id, language: "RU" }).toPromise();
  assert.equal(read(relay, fragment, spoken.node).name, "Турция");

  const first = read(relay, fragment, country).agreements;
  assert.equal(first.edges.length, 2);
  await fetchQuery(relay, refetchableRequest, { id, count: 2, cursor: first.pageInfo.endCursor }).toPromise();
  const joined = read(relay, fragment, country).agreements;
  assert.equal(new Set(joined.edges.map((edge) => edge.node.reference)).size, 4);
});

await check("a record that is not there is null, and takes nothing with it", async () => {
  const relay = environment();
  const { refetchableRequest } = getRefetchMetadata(artifact("documents_country"), "a test");
  const id = Buffer.from("Quota:99999").toString("base64url");
  assert.deepEqual(await fetchQuery(relay, refetchableRequest, { id }).toPromise(), { node: null });
});

await check("a mutation's payload updates the record wherever it is shown", async () => {
  const relay = environment();
  const before = (await query(relay, "documentsAgreementQuery", { reference: "uz-tr-migrant-rights" })).agreement;
  const input = { agreement: "uz-tr-migrant-rights", kind: "SIGNATURE", date: "2001", reason: "A client's test.",
    citations: [{ source: "bmi-2024-09-15", note: "A client's test." }] };
  const payload = await mutate(relay, "documentsActMutation", { input });
  assert.deepEqual(payload.legalActRecord.userErrors, []);

  const operation = createOperationDescriptor(artifact("documentsAgreementQuery"), { reference: "uz-tr-migrant-rights" });
  const { agreement } = relay.lookup(operation.fragment).data;
  assert.equal(agreement.version, before.version + 1);
  assert.equal(agreement.acts.length, before.acts.length + 1);
});

await check("a new record is put into a connection, by directive and by an updater", async () => {
  const relay = environment();
  await query(relay, "documentsSourcesQuery");
  const connection = ConnectionHandler.getConnectionID(ROOT_ID, "documents_sources");
  const input = (reference) => ({ reference, title: "T", kind: "PRESS", reliability: "SECONDARY", language: "en",
    reason: "A client's test." });
  await mutate(relay, "documentsSourceMutation", { input: input("relay-1"), connections: [connection] });
  await mutate(relay, "documentsSourceMutation", { input: input("relay-2"), connections: [] }, {
    updater(store) {
      const source = store.getRootField("sourceAdd").getLinkedRecord("source");
      const held = store.get(connection);
      ConnectionHandler.insertEdgeAfter(held, ConnectionHandler.createEdge(store, held, source, "SourceEdge"));
    },
  });
  const operation = createOperationDescriptor(artifact("documentsSourcesQuery"), {});
  const { edges } = relay.lookup(operation.fragment).data.sources;
  assert.deepEqual([edges.at(0).node.reference, edges.at(-1).node.reference], ["relay-1", "relay-2"]);
});

await check("a change that is heard updates the store", async () => {
  const relay = environment();
  const variables = { after: await endOfLog() };
  const heard = new Promise((resolve, reject) => {
    const subscription = artifact("documentsChangesSubscription");
    const { dispose } = requestSubscription(relay, {
      subscription,
      variables,
      onNext(data) {
        dispose();
        resolve(data);
      },
      onError: reject,
    });
  });
  await write("relay-3");
  const { changes } = await heard;
  assert.equal(relay.getStore().getSource().get(changes.subject.id).title, "Title of relay-3");
});

await check("errors reach the network layer as errors of GraphQL", async () => {
  const { refetchableRequest } = getRefetchMetadata(artifact("documents_country"), "a test");
  const told = await ask(refetchableRequest.params, { id: "nonsense" });
  assert.equal(told.errors[0].extensions.code, "BAD_USER_INPUT");
});

tell();
