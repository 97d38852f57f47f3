/** The package `usage-receiver`: everything that a project needs to define its receiver. */

export { jsonAnswer, noContent } from "./http/answers.ts";
export { describeProblems, type Problem } from "./kinds/contract.ts";
export { defineReportKind, type ReportAnswers, type ReportKind } from "./kinds/kind.ts";
export type { Project } from "./kinds/project.ts";
export { DAY_MS } from "./kinds/time.ts";
export type { Env } from "./service/env.ts";
export { createWorker, type Worker } from "./service/worker.ts";
