// Runs the site's own search: prints the page of each result, best first, as JSON.
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const SCRIPTS = [
  "_static/language_data.js",
  "_static/doctools.js",
  "_static/searchtools.js",
  "searchindex.js",
];

const [site, query] = process.argv.slice(2);
// What the scripts ask a browser for before anybody has typed something.
const page = createContext({
  DOCUMENTATION_OPTIONS: {},
  SPHINX_HIGHLIGHT_ENABLED: false,
  document: {
    addEventListener() {},
    documentElement: { dataset: {} },
    getElementById: () => null,
    readyState: "loading",
  },
  query,
});
page.window = page;
for (const script of SCRIPTS) {
  runInContext(readFileSync(`${site}/${script}`, "utf8"), page, script);
}
const results = runInContext("Search._performSearch(...Search._parseQuery(query))", page);
// The page shows the last one first.
console.log(JSON.stringify(results.toReversed().map(([name]) => name)));
