"use strict";

const form = document.getElementById("ask");
const example = document.getElementById("example");
const query = document.getElementById("query");
const variables = document.getElementById("variables");
const answer = document.getElementById("answer");
const state = document.getElementById("state");

async function run() {
  const asked = { query: query.value };
  if (variables.value.trim()) {
    try {
      asked.variables = JSON.parse(variables.value);
    } catch (error) {
      state.textContent = `${state.dataset.unread}: ${error.message}`;
      variables.focus();
      return;
    }
  }
  state.textContent = state.dataset.running;
  const begun = performance.now();
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json" },
      body: JSON.stringify(asked),
    });
    const result = await response.json();
    answer.textContent = JSON.stringify(result, null, 2);
    state.textContent = `${result.errors ? state.dataset.failed : state.dataset.answered}: ${Math.round(performance.now() - begun)} ms`;
  } catch (error) {
    answer.textContent = "";
    state.textContent = `${state.dataset.silent}: ${error.message}`;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
});
example.addEventListener("change", () => {
  const chosen = example.selectedOptions[0].dataset;
  query.value = chosen.query;
  variables.value = chosen.variables;
});
