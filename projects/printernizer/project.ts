/** Describes Printernizer as a project: its report, its other paths and its answers. */

import { defineProject, jsonAnswer, type RouteContext } from "usage-receiver";
import { detail } from "./answers.ts";
import { checkKey, keyOperation } from "./key.ts";
import { report } from "./report.ts";

const RETRY = { "Retry-After": "60" };

export const project = defineProject({
  name: "Printernizer",
  privacyPage:
    "https://github.com/schmacka/printernizer/blob/master/docs/development/usage-statistics-privacy.md",
  kinds: [report],
  overTime: { field: "installation.app_version", plural: "versions" },
  texts: { sent: "Each sends a report a week, if its admin has turned that on." },
  // Its clients find a health check at "/".
  paths: { page: "/statistics" },
  routes: [
    { methods: ["GET", "HEAD"], path: "/", use: null, answer: healthy },
    {
      methods: ["DELETE"],
      path: "/installation/{id}",
      use: "write",
      answer: deleteInstallation,
      operation: {
        summary: "Delete an installation.",
        ...keyOperation,
        responses: {
          200: { description: "The number of deleted reports." },
          ...keyOperation.responses,
        },
      },
    },
  ],
  answers: {
    notFound: () => detail(404, "Not Found"),
    methodNotAllowed: (methods) => detail(405, "Method Not Allowed", { Allow: methods.join(", ") }),
    rateLimited: () => detail(429, "Rate limit exceeded.", RETRY),
    unavailable: () => detail(503, "Failed to process submission", RETRY),
  },
});

function healthy(): Response {
  return jsonAnswer(200, {
    service: "Printernizer Usage Statistics Aggregation",
    status: "healthy",
    version: "1.0.0",
  });
}

async function deleteInstallation(context: RouteContext): Promise<Response> {
  const { request, env, parameters, forget } = context;
  const refusal = checkKey(request, env);
  if (refusal !== null) {
    return refusal;
  }
  // What cannot be an ID has no reports.
  const count = (await forget(parameters["id"] ?? "")) ?? 0;
  return jsonAnswer(200, {
    status: "success",
    deleted_count: count,
    message: `Deleted ${count} submissions`,
  });
}
