// Reads and lays out the JSON of variables and headers, with comments, as @graphiql/react's own module does.
import { applyEdits, format, parse, printParseErrorCode } from "jsonc-parser";

export async function formatJSONC(content) {
  return applyEdits(content, format(content, undefined, { tabSize: 2, insertSpaces: true }));
}

export function parseJSONC(content) {
  const errors = [];
  const parsed = parse(content, errors, { allowTrailingComma: true, allowEmptyContent: true });
  if (errors.length) {
    throw new SyntaxError(errors.map(({ error, offset }) => `${printParseErrorCode(error)} at ${place(content, offset)}`).join(", "));
  }
  return parsed;
}

export function tryParseJSONC(content = "") {
  let parsed;
  try {
    parsed = parseJSONC(content);
  } catch (error) {
    throw new Error(`are no valid JSON: ${error.message}.`);
  }
  if (parsed && (typeof parsed !== "object" || Array.isArray(parsed))) throw new TypeError("are no JSON object.");
  return parsed || undefined;
}

function place(content, offset) {
  const lines = content.slice(0, offset).split("\n");
  return `line ${lines.length}, column ${lines.at(-1).length + 1}`;
}
