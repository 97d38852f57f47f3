/** Describes in OpenAPI how installations report, and how they are forgotten. */

import { invalidRequest, noContent, unsupportedMediaType } from "../src/http/answers.ts";
import type { BodyFault } from "../src/kinds/body.ts";
import type { ReportKind } from "../src/kinds/kind.ts";
import type { Project } from "../src/kinds/project.ts";
import type { Schema } from "../src/kinds/keywords.ts";
import { buildExample } from "./accepted-schema.ts";
import { listParameters } from "./parameters.ts";
import { describeAnswers, sharedAnswers, type Sample } from "./answers.ts";
import { buildExampleEvents } from "./sent-events.ts";
import template from "./template.json" with { type: "json" };

/** The time of the samples, and how long they ask to wait. */
const NOW = new Date("2026-05-18T12:00:00Z");
const WAIT_MS = 3_600_000;

const FAULTS: readonly (readonly [BodyFault, string])[] = [
  ["too large", "The body is too large."],
  ["incomplete", "The body is incomplete."],
  ["empty", "The body is empty."],
  ["malformed", "The body is not JSON."],
  ["media type", "The content type is not supported."],
  ["length required", "The request has no Content-Length, or 0."],
];

/** Describe each path that takes reports of *kind*. */
export async function describeKind(
  project: Project,
  kind: ReportKind,
): Promise<readonly (readonly [path: string, operations: Readonly<Record<string, object>>])[]> {
  const { name, answers, contract, maxBytes, mediaTypes, methods, routes } = kind;
  const empty = contract.check({});
  const { rule, refusals } = describeStorage(kind);
  const samples: Sample[] = [
    ["The report is accepted.", answers.accepted(NOW)],
    ...FAULTS.filter(([fault]) => canHave(kind, fault)).map(([fault, sentence]): Sample => [
      sentence,
      answers.unreadable(fault, { ...kind, mediaType: "text/plain" }),
    ]),
    ["The report does not fit the contract.", answers.invalid(empty.ok ? [] : empty.problems, {})],
    ...refusals,
    ...sharedAnswers(project),
  ];
  const body = {
    schema: { $ref: `#/components/schemas/${name}-accepted` },
    example: { ...(buildExample(kind.schema as Schema) as object), ...buildExampleEvents(kind) },
  };
  const { requestBody: ownBody, ...own } = kind.operation as {
    readonly requestBody?: object;
    readonly responses?: object;
  };
  const operation = {
    tags: ["reports"],
    summary: "Send a report.",
    description:
      "A report is accepted if its required fields fit the contract. Optional fields that do not " +
      `fit are dropped, and unknown fields are ignored. The receiver sets the time. ${rule}`,
    ...own,
    responses: { ...(await describeAnswers(samples)), ...own.responses },
  };
  const types = mediaTypes === "any" ? ["application/json"] : mediaTypes.filter(Boolean);
  const requestBody = ownBody ?? {
    required: true,
    description: `At most ${maxBytes.toLocaleString("en")} bytes.`,
    content: Object.fromEntries(types.map((type) => [type, body])),
  };
  return routes.map((path, index) => {
    const id = index === 0 ? name : `${name}-${index + 1}`;
    const parameters = listParameters(path);
    const described = methods.map((method): [string, object] => [
      method.toLowerCase(),
      {
        operationId: method === "POST" ? id : `${id}-${method}`,
        ...(parameters.length > 0 ? { parameters } : {}),
        ...(method === "POST" ? { requestBody } : {}),
        ...operation,
      },
    ]);
    return [path, Object.fromEntries(described)];
  });
}

const canHave = ({ lengthRequired, mediaTypes }: ReportKind, fault: BodyFault): boolean =>
  fault === "length required" ? lengthRequired : fault !== "media type" || mediaTypes !== "any";

function describeStorage({ storage, answers, limitById }: ReportKind): {
  readonly rule: string;
  readonly refusals: readonly Sample[];
} {
  if (storage.mode === "once") {
    return {
      rule: `It stores one report of an installation in ${storage.days} days and refuses the others.`,
      refusals: [
        [
          `The installation reported within the last ${storage.days} days.`,
          answers.alreadySubmitted(NOW.toISOString(), WAIT_MS),
        ],
      ],
    };
  }
  const { perHour } = storage;
  const perHourRefusal = `The installation sent ${perHour} reports within an hour.`;
  return {
    rule: "It keeps the newest report of each installation.",
    refusals: [
      ...(perHour === null ? [] : [[perHourRefusal, answers.limited(WAIT_MS)] as const]),
      ...(limitById
        ? [["The installation sent too many reports.", answers.limited(WAIT_MS)] as const]
        : []),
    ],
  };
}

export async function describeForgetting(project: Project): Promise<object> {
  const { contract } = project.counted;
  const id = contract.leaves.find(({ name }) => name === contract.key)?.schema ?? {};
  const names = new Set(["id", contract.key.split(".").at(-1) ?? "id"]);
  const schemas = [...names].map((name) => ({
    type: "object",
    properties: { [name]: id },
    required: [name],
  }));
  const { requestBody, ...operation } = template.operations.forget;
  return {
    ...operation,
    requestBody: {
      ...requestBody,
      content: { "application/json": { schema: { anyOf: schemas } } },
    },
    responses: await describeAnswers([
      ["The installation is forgotten.", noContent()],
      ["The body is not a JSON object with an installation ID.", invalidRequest("id is missing.")],
      ["The content type is not supported.", unsupportedMediaType()],
      ...sharedAnswers(project),
    ]),
  };
}
