// Every audit of GraphQL over HTTP that graphql-http has, MUST and SHOULD and MAY, as checks.

import { serverAudits } from "graphql-http";
import { check, http, tell } from "./checks.mjs";

for (const audit of serverAudits({ url: http })) {
  await check(audit.name, async () => {
    const result = await audit.fn();
    if (result.status !== "ok") throw new Error(`${result.status}: ${result.reason}`);
  });
}
tell();
