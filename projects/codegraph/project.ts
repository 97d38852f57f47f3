/** Describes codegraph as a project: its batches of events, its other paths and its answers. */

import { defineProject, type Route } from "usage-receiver";
import { report } from "./report.ts";
import { text } from "./text.ts";

const PAGE = "https://github.com/colbymchenry/codegraph/blob/main/TELEMETRY.md";

const ABOUT = `This receiver counts how codegraph is used.

What codegraph sends, field by field: ${PAGE}

It never sends code, queries, or the names of files, repositories or symbols. The ID of a machine
is random. codegraph creates it, and deletes it when you turn telemetry off. This receiver stores
no IP addresses and passes nothing on. It keeps what it knows of a machine, and all daily sums,
for ${report.retentionDays} days. The sums contain no IDs.

To turn telemetry off, run "codegraph telemetry off", or set CODEGRAPH_TELEMETRY=0 or
DO_NOT_TRACK=1.
`;

const notFound = (): Response => text(404, "not found");
const methodNotAllowed = (): Response => text(405, "method not allowed", { Allow: "POST" });

/** Answer OPTIONS at *path* as the server does, which supports no other origins. */
const options = (path: string, answer: () => Response): Route => ({
  methods: ["OPTIONS"],
  path,
  use: null,
  answer,
});

export const project = defineProject({
  name: "codegraph",
  privacyPage: PAGE,
  kinds: [report],
  overTime: { field: "codegraph_version", plural: "versions" },
  texts: {
    sent: "Each sends what was done on the days before, unless its owner has turned that off.",
  },
  paths: { page: "/statistics" },
  routes: [
    { methods: ["GET"], path: "/", use: null, answer: () => new Response(ABOUT) },
    options("/", notFound),
    ...report.routes.map((path) => options(path, methodNotAllowed)),
  ],
  answers: {
    notFound,
    // Its server has one path, at which it supports POST. Any other request finds nothing.
    methodNotAllowed: (methods) => (methods.includes("POST") ? methodNotAllowed() : notFound()),
    rateLimited: () => text(429, "rate limited"),
    unavailable: () => text(503, "unavailable", { "Retry-After": "60" }),
  },
});
