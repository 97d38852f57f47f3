/** Renders the page that explains every field of a project's reports, from their schemas. */

import type { Leaf } from "../src/kinds/contract.ts";
import type { ReportKind } from "../src/kinds/kind.ts";
import type { Schema } from "../src/kinds/keywords.ts";
import type { Project } from "../src/kinds/project.ts";
import type { PublishedField } from "../src/kinds/published-fields.ts";
import { renderHead } from "./head.ts";
import { formatNumber } from "./labels.ts";
import { markup, NONE, type Markup } from "./markup.ts";

/** More values than these are not listed. */
const MOST_VALUES = 30;

/** The words of a schema that only people read. */
interface DescribedSchema extends Schema {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

/** @param configured - RETENTION_DAYS of the operator, which replaces that of each kind */
export function renderFieldsPage(
  project: Project,
  configured: number | string | undefined,
): string {
  const description = `Each field of the reports that ${project.name} installations send.`;
  const page = markup`<html lang="en">
${renderHead("What a report contains", description, project)}
<body>
<header>
<p class="project">${project.name}</p>
<h1>What a report contains</h1>
<p class="lead">Nothing else is stored: the receiver drops every value that is not listed here. The addresses of senders are used to limit requests, and are never stored.</p>
</header>
<main>
${project.kinds.map((kind) => renderKind(kind, Number(configured ?? kind.retentionDays)))}<section aria-labelledby="forget">
<h2 id="forget">How to delete your reports</h2>
<p>Use the command of the software that sent them, or send a POST request to <code>/forget</code> with the JSON body <code>{"id": "…"}</code>, where … is the installation’s ID. This deletes everything that was received with this ID, and needs no other proof. A published number stays: it counts many installations, and holds no ID.</p>
</section>
</main>
<footer>
<nav aria-label="More">
<a href="${project.paths.page}">Usage statistics</a>
${project.kinds.map(
  (kind) => markup`<a href="${kind.schemaPath}">JSON Schema of ${kind.name}</a>
`,
)}</nav>
</footer>
</body>
</html>
`;
  return `<!doctype html>\n${page.markup}`;
}

function renderKind(kind: ReportKind, days: number): Markup {
  const { contract, name, storage } = kind;
  const { title = name, description = "" } = kind.schema as Partial<DescribedSchema>;
  const published = new Map(kind.published.map((field) => [field.name, field]));
  const fields = contract.leaves.map((leaf) => {
    const field = published.get(leaf.name);
    return renderField(name, leaf, field === undefined ? "no" : describePublishing(field));
  });
  const kept =
    storage.mode === "once"
      ? `Each report is deleted after ${formatNumber(days)} days.`
      : `Only the newest report of an installation is kept, for ${formatNumber(days)} days.`;
  return markup`<section aria-labelledby="kind-${name}">
<h2 id="kind-${name}">${title}</h2>
<p>${description}</p>
<p>${kept} A value is published only if enough installations report it, as a rounded number.</p>
<div class="cards">
${fields}</div>
</section>
`;
}

function renderField(
  kind: string,
  { name, required, schema, title, type }: Leaf,
  published: string,
): Markup {
  const { description = "", examples = [], maxItems } = schema as DescribedSchema;
  const values = describeValues(schema.items ?? schema);
  const list = type === "array" ? `at most ${maxItems} of: ` : "";
  const example =
    examples.length > 0 ? markup`<dt>Example</dt><dd>${toText(examples[0])}</dd>` : NONE;
  return markup`<section class="card" aria-labelledby="${kind}-${name}">
<h3 id="${kind}-${name}">${title}</h3>
<p>${description}</p>
<dl>
<dt>Name</dt><dd><code>${name}</code>${describePresence(required, schema)}</dd>
<dt>Values</dt><dd>${list}${values}</dd>
${example}
<dt>Published</dt><dd>${published}</dd>
</dl>
</section>
`;
}

const describePresence = (required: boolean, schema: Leaf["schema"]): string =>
  schema["x-set-by-receiver"] ? " (added by the receiver)" : required ? "" : " (optional)";

function describePublishing({ condition, listed, openEnded }: PublishedField): string {
  const what = openEnded && listed !== null ? "well-known values only" : "yes";
  return condition === null ? what : `${what}, if ${condition.field} is ${condition.value}`;
}

const toText = (example: unknown): string =>
  typeof example === "string" ? example : JSON.stringify(example);

/** Say in words which values a schema accepts. */
function describeValues(schema: DescribedSchema): string {
  const { maximum, maxLength, minimum } = schema;
  const listed = [schema, ...(schema.anyOf ?? [])].flatMap((it) => it.enum ?? []);
  if (listed.length > 0) {
    const more = listed.length > MOST_VALUES ? ", …" : "";
    return listed.slice(0, MOST_VALUES).join(", ") + more;
  }
  if (minimum !== undefined && maximum !== undefined) {
    return `${formatNumber(minimum)} to ${formatNumber(maximum)}`;
  }
  if ([schema.type].flat().includes("boolean")) {
    return "true or false";
  }
  return maxLength === undefined ? "text" : `text of at most ${maxLength} characters`;
}
