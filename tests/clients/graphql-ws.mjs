// The graphql-ws client: queries, changes as they are committed, errors and ends.

import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { assert, authorization, CHANGES, check, endOfLog, tell, write, ws } from "./checks.mjs";

const client = (options = {}) =>
  createClient({ url: ws, webSocketImpl: WebSocket, connectionParams: { Authorization: authorization }, ...options });

/** The results of an operation until it completes; rejects with what the sink is told. */
const results = (on, query, variables) =>
  new Promise((resolve, reject) => {
    const told = [];
    on.subscribe({ query, variables }, { next: (each) => told.push(each), error: reject, complete: () => resolve(told) });
  });

/** What an operation that must fail fails with. */
const failure = (on, query, variables) =>
  results(on, query, variables).then(
    (told) => assert.fail(`it was answered: ${JSON.stringify(told)}`),
    (error) => error,
  );

const plain = client();

await check("a query is answered once and completed", async () => {
  assert.deepEqual(await results(plain, "{ viewer { role } }"), [{ data: { viewer: { role: "EDITOR" } } }]);
});

await check("changes are heard in order, and from where one was", async () => {
  const after = await endOfLog();
  const heard = [];
  const live = plain.iterate({ query: CHANGES, variables: { after } });
  await write("ws-1"+Date.now());
  await write("ws-2");
  for (let number = 0; number < 2; number++) heard.push((await live.next()).value.data.changes);
  await live.return();
  assert.equal(heard[1].sequence, heard[0].sequence + 1);

  const again = plain.iterate({ query: CHANGES, variables: { after: heard[0].cursor } });
  assert.deepEqual((await again.next()).value.data.changes, heard[1]);
  await again.return();
});

await check("an error ends its operation with a code, and not the socket", async () => {
  let closed = 0;
  const watched = client({ lazyCloseTimeout: 5_000, on: { closed: () => closed++ } });
  for (const [query, code] of [
    ["{", "GRAPHQL_PARSE_FAILED"],
    ["{ nothing }", "GRAPHQL_VALIDATION_FAILED"],
    ["subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"],
    ['subscription { changes(after: "nonsense") { sequence } }', "BAD_USER_INPUT"],
  ]) {
    const errors = await failure(watched, query);
    assert.equal(errors[0].extensions.code, code, query);
  }
  assert.equal((await results(watched, "{ __typename }")).length, 1);
  assert.equal(closed, 0);
  await watched.dispose();
});

await check("a field that fails leaves the rest of the answer", async () => {
  const [told] = await results(plain, '{ date bad: node(id: "nonsense") { id } }');
  assert.match(told.data.date, /^\d{4}-\d\d-\d\d$/);
  assert.equal(told.errors[0].extensions.code, "BAD_USER_INPUT");
  assert.deepEqual(told.errors[0].path, ["bad"]);
});

await check("a credential that opens nothing is told as forbidden", async () => {
  const stranger = client({ connectionParams: { Authorization: "Bearer rk_no" }, retryAttempts: 0 });
  assert.equal((await failure(stranger, "{ __typename }")).code, 4403);
});

await check("a hundred operations share a socket", async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => results(plain, "{ about { sequence } }")));
  assert.equal(answers.filter(([told]) => told.data).length, 100);
});

await check("pings are answered", async () => {
  const alive = client({ keepAlive: 50, lazyCloseTimeout: 5_000 });
  const pong = new Promise((resolve) => alive.on("pong", (received) => received && resolve()));
  await results(alive, "{ __typename }");
  await pong;
  await alive.dispose();
});

tell();
