// What the scripts share: who and where the registry is, and how a check is named, run and told.

import assert from "node:assert/strict";

export { assert };
export const http = `${process.env.REGISTRY_ADDRESS}/graphql`;
export const ws = http.replace("http", "ws");
export const authorization = `Bearer ${process.env.REGISTRY_KEY}`;

const MOST_SECONDS = 30;
const found = {};

/** Runs a check; what is wrong is told at the end under its name, null where nothing is. */
export async function check(name, body) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came in ${MOST_SECONDS} seconds`)), MOST_SECONDS * 1000);
  });
  try {
    await Promise.race([body(), late]);
    found[name] = null;
  } catch (error) {
    found[name] = error?.stack ?? JSON.stringify(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Prints what was found, as JSON, and ends the script, whatever is still open. */
export function tell() {
  process.stdout.write(JSON.stringify(found), () => process.exit());
}

/** Records a source, so that there is a change to hear of. */
export async function write(reference) {
  const query = "mutation ($input: SourceAddInput!) { sourceAdd(input: $input) { userErrors { message } } }";
  const said = { kind: "PRESS", reliability: "SECONDARY", language: "en", reason: "A client's test." };
  const answer = await fetch(http, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { input: { reference, title: `Title of ${reference}`, ...said } } }),
  });
  assert.deepEqual(await answer.json(), { data: { sourceAdd: { userErrors: [] } } });
}

/** The cursor of the last change, from which one hears what comes next. */
export async function endOfLog() {
  const query = "{ changes(last: 1) { pageInfo { endCursor } } }";
  const answer = await fetch(`${http}?${new URLSearchParams({ query })}`, { headers: { authorization } });
  return (await answer.json()).data.changes.pageInfo.endCursor;
}

export const CHANGES = "subscription Changes($after: String) { changes(after: $after) { sequence cursor reason } }";
