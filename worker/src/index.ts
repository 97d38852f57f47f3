/** The package `usage-receiver`: everything that a project needs to define its receiver. */

export { jsonAnswer, noContent } from "./http/answers.ts";
export { readForm } from "./http/form-body.ts";
export { readJson } from "./http/json-body.ts";
export { standardReportAnswers } from "./http/report-answers.ts";
export { isSecret } from "./http/secret.ts";
export type { Body, BodyFault, BodyLimits } from "./kinds/body.ts";
export { describeProblems, type Problem, type Row } from "./kinds/contract.ts";
export { defineEvents, type Counters, type EventKind, type SentEvent } from "./kinds/counters.ts";
export type { Env } from "./kinds/env.ts";
export type { IncomingRequest } from "./kinds/incoming-request.ts";
export type { ReportKind } from "./kinds/kind.ts";
export type { FaultDetails, ReportAnswers } from "./kinds/report-answers.ts";
export type { Sender } from "./kinds/sender.ts";
export { DAY_MS } from "./kinds/time.ts";
export type { Edition } from "./statistics/edition.ts";
export { defineProject, defineReportKind } from "./service/define.ts";
export type { Route, RouteContext, RoutedProject as Project } from "./service/own-routes.ts";
