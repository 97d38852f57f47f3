/** Deletes what must not stay in a data folder. */

import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { purgeKinds } from "../src/daily/purge.ts";
import { readRetention } from "../src/daily/retention.ts";
import type { Env } from "../src/kinds/env.ts";
import type { Project } from "../src/kinds/project.ts";
import { DAY_MS } from "../src/kinds/time.ts";
import { MOST_WAIT_MS } from "./database.ts";

export const DATABASE = "receiver.sqlite";
const BACKUP_DAYS = 7;
const CHECKPOINT_MS = 1000;
const MOST_MS_UNEMPTIED = 20_000;
/** How much of the log may be moved, and how long a reader may be waited for, while reports wait. */
const MOST_BLOCKING_FRAMES = 500;
const MOST_BLOCKING_MS = 20;
/** How large a database may be to be rewritten every day: reports wait for about a second. */
const MOST_REWRITTEN_BYTES = 64 * 1024 * 1024;

/** What SQLite says of a checkpoint: whether another connection was in its way, and its frames. */
interface Checkpoint {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * Delete the backup from before a migration after a week, and what is left of deleted rows.
 *
 * SQLite overwrites deleted rows, but not the copies that it leaves where it splits a page. Those
 * go when the file is rewritten. A large file is left as it is, because reports wait meanwhile.
 */
export function cleanUp(database: DatabaseSync, folder: string, now: Date): void {
  const backup = join(folder, `${DATABASE}.before-migration`);
  const made = statSync(backup, { throwIfNoEntry: false })?.mtimeMs ?? now.getTime();
  // In both directions, because the clock may have been wrong.
  if (Math.abs(now.getTime() - made) > BACKUP_DAYS * DAY_MS) {
    rmSync(backup);
  }
  if (statSync(join(folder, DATABASE)).size <= MOST_REWRITTEN_BYTES) {
    database.exec("VACUUM");
  }
}

/**
 * Move what was written from SQLite's write-ahead log to the file: what was deleted is gone then.
 *
 * Emptying the log makes reports wait for the disk, so while reports arrive that is rare.
 */
export function keepLogEmpty(database: DatabaseSync, report: (line: string) => void): void {
  let hasFailed = false;
  let lastFrames = 0;
  let lastEmptied = performance.now();
  const checkpoint = (mode: string): Checkpoint =>
    database.prepare(`PRAGMA wal_checkpoint(${mode})`).get() as unknown as Checkpoint;
  const moveFrames = (): void => {
    // This blocks no other thread.
    const { log, checkpointed } = checkpoint("PASSIVE");
    const isQuiet = log === lastFrames || performance.now() - lastEmptied > MOST_MS_UNEMPTIED;
    lastFrames = log;
    if (log > 0 && isQuiet && log - checkpointed <= MOST_BLOCKING_FRAMES) {
      database.exec(`PRAGMA busy_timeout = ${MOST_BLOCKING_MS}`);
      if (checkpoint("TRUNCATE").busy === 0) {
        lastEmptied = performance.now();
      }
      database.exec(`PRAGMA busy_timeout = ${MOST_WAIT_MS}`);
    }
  };
  setInterval(() => {
    try {
      moveFrames();
      hasFailed = false;
    } catch (error) {
      // On a full disk, for example. One line is enough.
      if (!hasFailed) {
        report(`the write-ahead log cannot be emptied: ${String(error)}`);
      }
      hasFailed = true;
    }
  }, CHECKPOINT_MS);
}

/**
 * Delete the reports and counters that are older than their retention.
 *
 * @returns lines on what was done
 */
export async function purge({ kinds }: Project, env: Env): Promise<readonly string[]> {
  const now = new Date();
  const lines: string[] = [];
  const retentions = new Map(kinds.map((kind) => [kind, readRetention(kind, env, now)] as const));
  await purgeKinds(retentions, env.DB, now, (line) => lines.push(line));
  return lines;
}
