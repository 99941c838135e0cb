// Mends what GraphiQL and Monaco leave out for people who do not see, or do not use a mouse.

// Tabs hold a button and another that closes them, so they are a list of buttons rather than tabs.
function mendTabs(root) {
  for (const list of root.querySelectorAll(".graphiql-tabs")) set(list, "role", "list");
  for (const tab of root.querySelectorAll(".graphiql-tab")) {
    const button = tab.querySelector(".graphiql-tab-button");
    set(tab, "role", "listitem");
    set(tab, "aria-selected", null);
    if (button) set(button, "aria-current", tab.classList.contains("graphiql-tab-active") ? "true" : null);
  }
  for (const panel of root.querySelectorAll("#graphiql-session")) set(panel, "role", "region");
}

// What a query is called is the name of its button, rather than "Set active".
function mendHistory(root) {
  for (const button of root.querySelectorAll(".graphiql-history-item-label")) set(button, "aria-label", null);
}

// An editor is entered by Enter and, so that the keyboard is not trapped in it, left by Escape.
function mendEditors(root) {
  for (const editor of root.querySelectorAll(".graphiql-editor")) {
    const name = editor.closest("section")?.getAttribute("aria-label") ?? "Editor";
    set(editor, "role", "group");
    set(editor, "aria-label", `${name}: Enter edits, Escape leaves`);
  }
}

function leave(event) {
  const editor = event.key === "Escape" && event.target.closest(".graphiql-editor");
  if (!editor || event.target === editor) return;
  if (!editor.querySelector(".suggest-widget.visible, .find-widget.visible")) editor.focus();
}

// Attributes are only set where they differ, so that watching for changes comes to an end.
function set(element, attribute, value) {
  if (element.getAttribute(attribute) === value) return;
  if (value === null) element.removeAttribute(attribute);
  else element.setAttribute(attribute, value);
}

export function keepAccessible(root) {
  const mend = () => {
    mendTabs(root);
    mendHistory(root);
    mendEditors(root);
  };
  mend();
  root.addEventListener("keydown", leave, { capture: true });
  const attributeFilter = ["class", "role", "aria-selected", "aria-label"];
  new MutationObserver(mend).observe(root, { childList: true, subtree: true, attributeFilter });
}
