// The panel of worked examples: each opens in a tab of its own, with its variables.
import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M4 5h10M4 12h7M4 19h10M17 9l4 3-4 3" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

function Panel({ examples, words, language }) {
  const { addTab, updateActiveTabValues } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL(({ queryEditor, variableEditor }) => ({ queryEditor, variableEditor }));

  function open({ query, variables }) {
    if (queryEditor?.getValue().trim()) addTab();
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables);
    updateActiveTabValues({ query, variables });
  }

  return (
    <section className="examples" aria-label={words.examples} lang={language}>
      <h2>{words.examples}</h2>
      <ul>
        {examples.map((example) => (
          <li key={example.name}>
            <button type="button" onClick={() => open(example)}>
              {example.title}
            </button>
            <p lang="en">{example.about.replaceAll("`", "")}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function examplesPlugin(given) {
  return { title: given.words.examples, icon: Icon, content: () => <Panel {...given} /> };
}
