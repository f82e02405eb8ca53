// The editor of the SPARQL page: colours, completion from the ontology, Ctrl+Enter; the text area stays what is sent.
import { autocompletion, completionKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { EditorView, drawSelection, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

type Terms = { prefixes: Record<string, string>; terms: { name: string; kind: string; text: string }[] };
const KEYWORDS = "SELECT DISTINCT WHERE FILTER OPTIONAL UNION MINUS EXISTS BIND VALUES GRAPH CONSTRUCT DESCRIBE ASK GROUP BY HAVING ORDER DESC ASC LIMIT OFFSET COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT STR LANG DATATYPE BOUND IF COALESCE REGEX CONTAINS STRSTARTS LCASE UCASE YEAR MONTH".split(" ");

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--place)" },
  { tag: [tags.atom, tags.number, tags.bool], color: "var(--warn)" },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: "var(--ink)", fontStyle: "italic" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
]);

function completer(terms: Terms) {
  const options = [
    ...terms.terms.map((one) => ({ label: one.name, type: one.kind, info: one.text || undefined })),
    ...Object.entries(terms.prefixes).map(([name, iri]) => ({ label: `${name}:`, type: "namespace", detail: iri })),
    ...KEYWORDS.map((label) => ({ label, type: "keyword" })),
  ];
  return (context: CompletionContext): CompletionResult | null => {
    const variable = context.matchBefore(/[?$]\w*/);
    if (variable) {
      const names = new Set(context.state.doc.toString().match(/[?$]\w+/g));
      names.delete(variable.text);
      return { from: variable.from, options: [...names].map((label) => ({ label, type: "variable" })) };
    }
    const word = context.matchBefore(/[\w:-]+/);
    if (!word && !context.explicit) return null;
    return { from: word ? word.from : context.pos, options, validFor: /^[\w:-]*$/ };
  };
}

async function edit(area: HTMLTextAreaElement): Promise<void> {
  let terms: Terms = { prefixes: {}, terms: [] };
  try {
    terms = await (await fetch(area.dataset.sparql ?? "")).json();
  } catch {
    // without the list there is an editor without completion
  }
  const run = () => { area.form?.requestSubmit(); return true; };
  // a root of its own takes its styles as sheets: the policy of the page forbids style elements
  const host = document.createElement("div");
  host.className = "sparql-editor";
  const root = host.attachShadow({ mode: "open" });
  const view = new EditorView({
    doc: area.value,
    root,
    parent: root,
    extensions: [
      lineNumbers(),
      history(),
      drawSelection(),
      bracketMatching(),
      StreamLanguage.define(sparql),
      syntaxHighlighting(colours),
      autocompletion({ override: [completer(terms)] }),
      keymap.of([{ key: "Mod-Enter", run }, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": "SPARQL query", "aria-describedby": "query-help" }),
      EditorView.updateListener.of((update) => { if (update.docChanged) area.value = update.state.doc.toString(); }),
      EditorView.theme({
        "&": { fontSize: ".9rem", color: "var(--ink)", background: "var(--raised)" },
        "&.cm-focused": { outline: "none" },
        ".cm-scroller": { minHeight: "15em", maxHeight: "34em", overflow: "auto" },
        ".cm-content": { fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace", caretColor: "var(--ink)" },
        ".cm-cursor": { borderLeftColor: "var(--ink)" },
        ".cm-gutters": { background: "transparent", color: "var(--soft)", border: "0" },
        "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { background: "color-mix(in srgb, var(--accent) 28%, transparent) !important" },
        ".cm-tooltip": { background: "var(--paper)", border: "1px solid var(--line)", borderRadius: "6px", color: "var(--ink)" },
        ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--accent)", color: "var(--on-accent)" },
        ".cm-completionInfo": { maxWidth: "30em", padding: "6px 10px" },
      }),
    ],
  });
  area.hidden = true;
  area.removeAttribute("required");
  area.before(host);
  document.querySelector("label[for=query]")?.addEventListener("click", () => view.focus());
}

for (const area of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-sparql]")) void edit(area);
