// The graphql-sse client, in distinct connections mode.

import { createClient } from "graphql-sse";
import { assert, authorization, CHANGES, check, endOfLog, http, tell, write } from "./checks.mjs";

const client = createClient({ url: http, headers: { Authorization: authorization }, retryAttempts: 0 });

const results = async (query, variables) => {
  const told = [];
  for await (const each of client.iterate({ query, variables })) told.push(each);
  return told;
};

await check("a query is answered by one event", async () => {
  assert.deepEqual(await results("{ viewer { role } }"), [{ data: { viewer: { role: "EDITOR" } } }]);
});

await check("a mutation is answered by one event", async () => {
  const query = `mutation { sourceAdd(input: { reference: "sse-0", title: "T", kind: PRESS, reliability: SECONDARY,
    language: "en", reason: "A client's test." }) { source { reference } userErrors { message } } }`;
  assert.deepEqual(await results(query), [{ data: { sourceAdd: { source: { reference: "sse-0" }, userErrors: [] } } }]);
});

await check("changes are heard in order, and from where one was", async () => {
  const live = client.iterate({ query: CHANGES, variables: { after: await endOfLog() } });
  const heard = [];
  await write("sse-1");
  await write("sse-2");
  for (let number = 0; number < 2; number++) heard.push((await live.next()).value.data.changes);
  await live.return();
  assert.equal(heard[1].sequence, heard[0].sequence + 1);

  const again = client.iterate({ query: CHANGES, variables: { after: heard[0].cursor } });
  assert.deepEqual((await again.next()).value.data.changes, heard[1]);
  await again.return();
});

for (const [query, code] of [
  ["{", "GRAPHQL_PARSE_FAILED"],
  ["{ nothing }", "GRAPHQL_VALIDATION_FAILED"],
  ["subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"],
  ['subscription { changes(after: "nonsense") { sequence } }', "BAD_USER_INPUT"],
]) {
  await check(`errors of ${query} come as a result`, async () => {
    const [told, ...more] = await results(query);
    assert.equal(told.errors[0].extensions.code, code);
    assert.deepEqual(more, []);
  });
}

tell();
