/** Renders the page that explains every field of a project's reports, from their schemas. */

import type { Leaf } from "../src/kinds/contract.ts";
import type { Counters, EventKind } from "../src/kinds/counters.ts";
import type { ReportKind } from "../src/kinds/kind.ts";
import type { Schema } from "../src/kinds/keywords.ts";
import type { Project } from "../src/kinds/project.ts";
import type { PublishedField } from "../src/kinds/published-fields.ts";
import { renderHead } from "./head.ts";
import { formatNumber } from "./labels.ts";
import { markup, NONE, type Markup } from "./markup.ts";

/** More values than these are not listed. */
const MOST_VALUES = 30;

/** Ends the paragraph on how to delete reports. */
const COUNTERS_STAY = markup` The sums of events hold no ID either, so nobody can find and delete what one installation added to them.`;

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
<p>Use the command of the software that sent them, or send a POST request to <code>/forget</code> with the JSON body <code>{"id": "…"}</code>, where … is the installation’s ID. This deletes everything that was received with this ID, and needs no other proof. A published number stays: it counts many installations, and holds no ID.${project.kinds.some(({ counters }) => counters) ? COUNTERS_STAY : NONE}</p>
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
${kind.counters === null ? NONE : renderEvents(name, kind.counters)}`;
}

const renderEvents = (
  kind: string,
  { events, retentionDays }: Counters,
): Markup => markup`<section aria-labelledby="events-${kind}">
<h2 id="events-${kind}">What is counted</h2>
<p>Only sums of these events are kept: how often each happened on a UTC day, for ${formatNumber(retentionDays)} days. The sums hold no ID, and only the operator of the receiver can read them.</p>
<div class="cards">
${events.map((event) => renderEvent(kind, event))}</div>
</section>
`;

function renderEvent(kind: string, { name, schema, contract, pairs, sums }: EventKind): Markup {
  const { title = name, description = "" } = schema as Partial<DescribedSchema>;
  const kept = new Set<unknown>([...pairs.flat(), ...Object.values(sums)]);
  const fields = contract.leaves.filter((leaf) => kept.has(leaf.name));
  const by = pairs.map((names) => names.join(" and ")).join("; ");
  return markup`<section class="card" aria-labelledby="${kind}-event-${name}">
<h3 id="${kind}-event-${name}">${title}</h3>
<p>${description}</p>
<dl>
<dt>Name</dt><dd><code>${name}</code></dd>
${by === "" ? NONE : markup`<dt>Sums by</dt><dd>${by}</dd>`}
${fields.map((field) => markup`<dt>${field.title}</dt><dd>${describeField(field)}</dd>`)}</dl>
</section>
`;
}

const describeField = ({ schema, type }: Leaf): string =>
  (type === "array" ? `at most ${schema.maxItems} of: ` : "") +
  describeValues(schema.items ?? schema);

function renderField(kind: string, leaf: Leaf, published: string): Markup {
  const { name, required, schema, title } = leaf;
  const { description = "", examples = [] } = schema as DescribedSchema;
  const example =
    examples.length > 0 ? markup`<dt>Example</dt><dd>${toText(examples[0])}</dd>` : NONE;
  return markup`<section class="card" aria-labelledby="${kind}-${name}">
<h3 id="${kind}-${name}">${title}</h3>
<p>${description}</p>
<dl>
<dt>Name</dt><dd><code>${name}</code>${describePresence(required, schema)}</dd>
<dt>Values</dt><dd>${describeField(leaf)}</dd>
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
