/** The package `usage-receiver`: everything that a project needs to define its receiver. */

export { jsonAnswer, noContent } from "./http/answers.ts";
export { standardReportAnswers } from "./http/report-answers.ts";
export { describeProblems, type Problem } from "./kinds/contract.ts";
export type { Env } from "./kinds/env.ts";
export type { ReportKind, Row } from "./kinds/kind.ts";
export type { BodyFault, FaultDetails, ReportAnswers } from "./kinds/report-answers.ts";
export { DAY_MS } from "./kinds/time.ts";
export type { Edition } from "./publish/edition.ts";
export { defineProject, defineReportKind } from "./service/define.ts";
export type { Route, RouteContext, RoutedProject as Project } from "./service/own-routes.ts";
export { createWorker, type Worker } from "./service/worker.ts";
