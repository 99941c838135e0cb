// GraphiQL as the registry shows it: what it opens with stands in the page, as JSON.
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./frame.css";

import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { keepAccessible } from "./accessible.js";
import { examplesPlugin } from "./examples.jsx";
import { ask } from "./fetcher.js";
import { SystemTheme } from "./system-theme.jsx";

const place = document.getElementById("graphiql");
const given = JSON.parse(document.getElementById("given").textContent);

globalThis.MonacoEnvironment = {
  getWorker(_module, label) {
    const name = label in given.workers ? label : "editor";
    return new Worker(given.workers[name], { type: "module", name: label });
  },
};

const examples = examplesPlugin(given);
const wide = matchMedia("(min-width: 60rem)").matches;

createRoot(place).render(
  <GraphiQL
    fetcher={ask}
    initialQuery={given.query}
    initialVariables={given.variables}
    defaultQuery=""
    plugins={[examples, HISTORY_PLUGIN]}
    visiblePlugin={wide && !given.asked ? examples : undefined}
    showPersistHeadersSettings={false}
    schemaDescription
    inputValueDeprecation
  >
    <GraphiQL.Logo> </GraphiQL.Logo>
    <SystemTheme />
  </GraphiQL>,
);
keepAccessible(place);
