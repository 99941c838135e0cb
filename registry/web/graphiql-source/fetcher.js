// Asks the registry: queries and mutations by POST, subscriptions as server-sent events.
import { createClient } from "graphql-sse";
import { getOperationAST, parse } from "graphql";

const address = "/graphql";

export function ask(asked, { headers = {} } = {}) {
  return isSubscription(asked) ? follow(asked, headers) : once(asked, headers);
}

async function once(asked, headers) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json, application/json", ...headers },
    body: JSON.stringify(asked),
  });
  return response.json();
}

function follow(asked, headers) {
  return createClient({ url: address, headers, retryAttempts: 3 }).iterate(asked);
}

function isSubscription({ query, operationName }) {
  try {
    return getOperationAST(parse(query), operationName)?.operation === "subscription";
  } catch {
    return false; // the registry says what is wrong with it
  }
}
