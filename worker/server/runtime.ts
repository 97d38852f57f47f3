/** Opens what a receiver runs on: its project, its database and its limiters. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createReceiver, type Receiver } from "../receiver.ts";
import type { Env } from "../src/kinds/env.ts";
import type { RoutedProject } from "../src/service/own-routes.ts";
import type { SqliteDatabase } from "../sqlite/database.ts";
import { createLimiter, type Limit } from "./limits.ts";
import { openDatabase } from "../sqlite/open.ts";
import { DATABASE } from "../sqlite/upkeep.ts";

/** What the command gives to Node, as JSON. All paths are absolute. */
export interface Settings {
  readonly command: "serve" | "count" | "migrate" | "purge";
  /** The project's folder, with `project.ts`. */
  readonly project: string;
  /** A module that exports `receiver` or `project`, if it is not that one: it makes its tables. */
  readonly entry?: string;
  readonly migrations: string;
  /** The folder of the database; `:memory:` keeps it in memory. */
  readonly data: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly limits: Readonly<Record<string, Limit>>;
  readonly vars: Readonly<Record<string, unknown>>;
  /** When to run the daily work; null leaves that to somebody else. */
  readonly cron: string | null;
  /** Whether a commit waits for the disk (`full`), as it does by default. */
  readonly durability?: "normal" | "full";
  readonly trustedProxies: readonly string[];
  readonly secretFile: string | null;
  /** Whether only requests to this machine's own names are answered. */
  readonly local: boolean;
  /** The server ends after so many minutes. */
  readonly minutes?: number | null;
}

export interface Runtime {
  readonly receiver: Receiver;
  readonly env: Env;
  readonly database: SqliteDatabase;
  /** The folder of the database; null if it is in memory. */
  readonly folder: string | null;
  /** The names of the migrations that opening it has applied. */
  readonly applied: readonly string[];
}

const MEMORY = ":memory:";

/**
 * Open everything, after applying migrations that are missing.
 *
 * @param isBackground - whether this thread answers no requests
 * @throws Error - if the project or the database cannot be opened, or a migration is missing
 */
export async function openRuntime(settings: Settings, isBackground = false): Promise<Runtime> {
  const { entry, project, data, limits, vars, secretFile, durability = "full" } = settings;
  const folder = data === MEMORY ? null : data;
  const path = folder === null ? MEMORY : join(folder, DATABASE);
  const url = pathToFileURL(entry ?? join(project, "project.ts")).href;
  const module = (await import(url)) as { receiver?: Receiver; project?: RoutedProject };
  const receiver = module.receiver ?? (module.project && createReceiver(module.project));
  if (receiver === undefined) {
    throw new Error(`${url} exports no project. Export the result of defineProject as "project".`);
  }
  const options = { ...settings, durability, isBackground };
  const { database, applied } = await openDatabase(path, receiver.project, options);
  const limiters = Object.entries(limits).map(([name, limit]) => [name, createLimiter(limit)]);
  const env = {
    ...vars,
    ...(secretFile && { OPERATOR_SECRET: readFileSync(secretFile, "utf8") }),
    ...(Object.fromEntries(limiters) as object),
    DB: database,
  };
  return { receiver, env, database, folder, applied };
}
