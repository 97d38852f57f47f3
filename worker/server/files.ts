/** Keeps what the server writes to disk private, and copies the database. */

import * as fs from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";

export const DATABASE = "receiver.sqlite";
/** The backup from before the last migration. */
export const BACKUP = `${DATABASE}.before-migration`;
const BACKUP_MS = 7 * 86_400_000;
/** How large a database may be to be rewritten every day: reports wait for about a second. */
const MOST_REWRITTEN_BYTES = 64 * 1024 * 1024;

const lstat = (path: string): fs.Stats | undefined => fs.lstatSync(path, { throwIfNoEntry: false });

export const exists = (path: string): boolean => lstat(path) !== undefined;

/**
 * Prepare a folder that only the current user can read, and an empty database if it has none.
 *
 * @returns the path of the database
 * @throws Error - if the folder or a file is another user's, or a file is a link
 */
export function prepareData(folder: string): string {
  prepareFolder(folder);
  const path = join(folder, DATABASE);
  if (!exists(path)) {
    fs.closeSync(fs.openSync(path, "wx"));
  }
  for (const file of [path, `${path}-wal`, `${path}-shm`].filter(exists)) {
    const { nlink, uid } = fs.lstatSync(file);
    // A link, also a hard one, may lead to where others can read or write.
    if (!fs.lstatSync(file).isFile() || nlink !== 1 || uid !== process.geteuid?.()) {
      throw new Error(`${file} is a link or another user's. Move it away.`);
    }
    fs.chmodSync(file, 0o600);
  }
  return path;
}

const isOurs = (name: string): boolean => name === "lock" || name.startsWith(DATABASE);

/** Create *folder* for the current user alone, or check that it is such a folder. */
export function prepareFolder(folder: string): void {
  // For the files that SQLite creates, too.
  process.umask(0o077);
  fs.mkdirSync(folder, { recursive: true });
  const { mode, uid } = fs.statSync(folder);
  if (uid !== process.geteuid?.()) {
    throw new Error(`${folder} is another user's. Name a new folder inside it.`);
  }
  if ((mode & 0o077) !== 0 && !fs.readdirSync(folder).every(isOurs)) {
    throw new Error(`Others may read ${folder}. Name a new folder, or run: chmod 700 ${folder}`);
  }
  fs.chmodSync(folder, 0o700);
}

/**
 * Copy *database*, which may be in use, to *path*, without what was deleted from it.
 *
 * A file at *path* is replaced. The copy is complete as soon as it is there.
 */
export function writeCopy(database: DatabaseSync, path: string): void {
  const part = `${path}.incomplete`;
  fs.rmSync(part, { force: true });
  const file = fs.openSync(part, "wx", 0o600);
  try {
    database.prepare("VACUUM INTO ?1").run(part);
    fs.fsyncSync(file);
    fs.renameSync(part, path);
  } finally {
    fs.closeSync(file);
    fs.rmSync(part, { force: true });
  }
}

/**
 * Delete the backup from before a migration after a week, and what is left of deleted rows.
 *
 * SQLite overwrites deleted rows, but not the copies that it leaves where it splits a page. Those
 * go when the file is rewritten. A large file is left as it is, because reports wait meanwhile.
 */
export function cleanUp(database: DatabaseSync, folder: string, now: Date): void {
  const backup = join(folder, BACKUP);
  // What a killed command has left.
  for (const left of [`${backup}.incomplete`, join(folder, `${DATABASE}.restoring`)]) {
    fs.rmSync(left, { recursive: true, force: true });
  }
  // In both directions, because the clock may have been wrong.
  if (Math.abs(now.getTime() - (lstat(backup)?.mtimeMs ?? now.getTime())) > BACKUP_MS) {
    fs.rmSync(backup);
  }
  if (fs.statSync(join(folder, DATABASE)).size <= MOST_REWRITTEN_BYTES) {
    database.exec("VACUUM");
  }
}
