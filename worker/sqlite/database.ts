/** Runs the receiver's statements on SQLite. Transactions that arrive together share a commit. */

import { statfsSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { dirname } from "node:path";
import type { Database, Result, Statement } from "../src/kinds/database.ts";

interface Prepared {
  readonly statement: StatementSync;
  readonly hasRows: boolean;
  readonly writes: boolean;
}

interface Call extends Prepared {
  readonly values: readonly unknown[];
}

/** A transaction that waits for its turn. */
interface Transaction {
  readonly calls: readonly Call[];
  readonly begin: "BEGIN" | "BEGIN IMMEDIATE";
  /** When it fails if another process or thread still writes, on a clock that nobody sets. */
  readonly until: number;
  readonly resolve: (results: Result[]) => void;
  readonly reject: (error: unknown) => void;
}

export const MOST_WAIT_MS = 5000;
const RETRY_MS = 2;
/** How long the thread for long work pauses before each commit, so that reports get their turn. */
const PAUSE_MS = 10;
const MOST_PREPARED = 500;
/** With less room on the disk, some reports are stored and some are not. */
const LEAST_FREE_BYTES = 512 * 1024;
/** SQLite's names of its primary result codes, by number. */
const CODES = (
  "OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL " +
  "CANTOPEN PROTOCOL EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB"
).split(" ");

export class SqliteDatabase implements Database {
  readonly connection: DatabaseSync;
  readonly #pauseMs: number;
  /** Null if the database is in memory. */
  readonly #folder: string | null;
  readonly #prepared = new Map<string, Prepared>();
  #waiting: Transaction[] = [];
  #isScheduled = false;

  /**
   * @param path - of the file, or `:memory:`
   * @param durability - whether a power cut may lose the last commits (`normal`) or none (`full`)
   * @param isBackground - whether others have precedence
   */
  constructor(path: string, durability: "normal" | "full", isBackground: boolean) {
    this.#pauseMs = isBackground ? PAUSE_MS : 0;
    this.#folder = path === ":memory:" ? null : dirname(path);
    this.connection = new DatabaseSync(path, { timeout: MOST_WAIT_MS });
    this.connection.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability}; PRAGMA secure_delete = ON;
      PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 0`,
    );
  }

  /** Fail at once where another writes, and try again later: waiting would block every request. */
  forbidBlocking(): void {
    this.connection.exec("PRAGMA busy_timeout = 0");
  }

  /** Write a page without a change, and check that a report, which takes more, has room too. */
  async tryWriting(): Promise<void> {
    await this.prepare("PRAGMA user_version = 0").run();
    if (this.#folder !== null) {
      const { bavail, bsize } = statfsSync(this.#folder);
      if (bavail * bsize < LEAST_FREE_BYTES) {
        throw new Error("The disk is almost full: SQLITE_FULL");
      }
    }
  }

  prepare(sql: string): Statement {
    return new BoundStatement(this, sql, []);
  }

  batch<T>(statements: readonly Statement[]): Promise<Result<T>[]> {
    const bound = statements as readonly BoundStatement[];
    return new Promise<Result[]>((resolve, reject) => {
      const until = performance.now() + MOST_WAIT_MS;
      // All of them now: to prepare one in between would make `changes()` 0.
      const calls = bound.map(({ sql, values }) => ({ ...this.#prepare(sql), values }));
      if (calls.some(({ writes }) => writes)) {
        this.#waiting.push({ calls, begin: "BEGIN IMMEDIATE", until, resolve, reject });
        this.#schedule(this.#pauseMs);
      } else {
        this.#transact([{ calls, begin: "BEGIN", until, resolve, reject }]);
      }
    }) as Promise<Result<T>[]>;
  }

  #schedule(delayMs: number): void {
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      const commit = (): void => {
        this.#isScheduled = false;
        this.#transact(this.#waiting.splice(0));
      };
      if (delayMs > 0) {
        setTimeout(commit, delayMs);
      } else {
        setImmediate(commit);
      }
    }
  }

  /** Run *group* in one transaction of SQLite, and settle it after the commit. */
  #transact(group: readonly Transaction[]): void {
    try {
      this.#prepare(group[0]!.begin).statement.run();
      const results = group.map(({ calls }) => calls.map(run));
      this.#prepare("COMMIT").statement.run();
      group.forEach(({ resolve }, index) => resolve(results[index]!));
    } catch (error) {
      if (this.connection.isTransaction) {
        this.#prepare("ROLLBACK").statement.run();
      }
      this.#fail(group, error);
    }
  }

  #fail(group: readonly Transaction[], error: unknown): void {
    const code = CODES[Number((error as { errcode?: number }).errcode) & 255];
    const now = performance.now();
    const isWaiting = ({ until }: Transaction): boolean => code === "BUSY" && until > now;
    const failed = group.filter((transaction) => !isWaiting(transaction));
    if (failed.length < group.length) {
      this.#waiting.unshift(...group.filter(isWaiting));
      this.#schedule(RETRY_MS);
    }
    if (failed.length > 1) {
      // One that fails must not make the others fail.
      failed.forEach((transaction) => this.#transact([transaction]));
    } else {
      // The engine finds the code in the message.
      const message = `${(error as Error).message}: SQLITE_${code}`;
      failed[0]?.reject(code === undefined ? error : new Error(message, { cause: error }));
    }
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known !== undefined) {
      return known;
    }
    if (this.#prepared.size >= MOST_PREPARED) {
      this.#prepared.clear();
    }
    const steps = this.connection.prepare(`EXPLAIN ${sql}`).all();
    const writes = steps.some(({ opcode, p2 }) => opcode === "Transaction" && p2 !== 0);
    const statement = this.connection.prepare(sql);
    const prepared = { statement, writes, hasRows: statement.columns().length > 0 };
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

class BoundStatement implements Statement {
  readonly #database: SqliteDatabase;
  readonly sql: string;
  readonly values: readonly unknown[];

  constructor(database: SqliteDatabase, sql: string, values: readonly unknown[]) {
    this.#database = database;
    this.sql = sql;
    this.values = values;
  }

  bind(...values: readonly unknown[]): Statement {
    return new BoundStatement(this.#database, this.sql, values);
  }

  async run<T>(): Promise<Result<T>> {
    const [result] = await this.#database.batch<T>([this]);
    return result!;
  }
}

function run({ statement, hasRows, values }: Call): Result {
  const bound = values.map((value) => (typeof value === "boolean" ? Number(value) : value));
  if (!hasRows) {
    const { changes } = statement.run(...(bound as SQLInputValue[]));
    return { results: [], meta: { changes: Number(changes) } };
  }
  const results = statement.all(...(bound as SQLInputValue[])).map(listBytes);
  return { results, meta: { changes: 0 } };
}

/** Write the blobs of *row* as lists of bytes. */
function listBytes(row: Record<string, unknown>): Record<string, unknown> {
  for (const name of Object.keys(row)) {
    const value = row[name];
    row[name] = value instanceof Uint8Array ? [...value] : value;
  }
  return row;
}
