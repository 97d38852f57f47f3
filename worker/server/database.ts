/** Runs the receiver's statements on SQLite. Transactions that arrive together share a commit. */

import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Database, Result, Statement } from "../src/kinds/database.ts";

export interface DatabaseOptions {
  /** Whether a power cut may lose the last commits (`normal`) or none (`full`). */
  readonly durability: "normal" | "full";
  /**
   * Whether this thread answers no requests: it may wait for a lock, and pauses before each commit,
   * so that others get their turn.
   */
  readonly isBackground: boolean;
}

interface Prepared {
  readonly statement: StatementSync;
  readonly hasRows: boolean;
  readonly writes: boolean;
}

/** A transaction that waits for its commit. */
interface Waiting {
  readonly statements: readonly BoundStatement[];
  readonly until: number;
  readonly resolve: (results: Result[]) => void;
  readonly reject: (error: unknown) => void;
}

const MOST_PREPARED = 500;
/** How long a transaction waits for another process or thread that writes. */
const MOST_WAIT_MS = 5000;
const RETRY_MS = 2;
const PAUSE_MS = 10;
/** SQLite's names for its primary result codes, by number. */
const CODES = (
  "OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL " +
  "CANTOPEN PROTOCOL EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB"
).split(" ");

export class SqliteDatabase implements Database {
  readonly connection: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();
  readonly #isBackground: boolean;
  #waiting: Waiting[] = [];

  /** @param path - of the file, or `:memory:` */
  constructor(path: string, { durability, isBackground }: DatabaseOptions) {
    this.#isBackground = isBackground;
    this.connection = new DatabaseSync(path, { timeout: MOST_WAIT_MS });
    this.connection.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability}; PRAGMA secure_delete = ON;
      PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 0`,
    );
  }

  prepare(sql: string): Statement {
    return new BoundStatement(this, sql, []);
  }

  batch<T>(statements: readonly Statement[]): Promise<Result<T>[]> {
    const bound = statements as readonly BoundStatement[];
    return new Promise<Result[]>((resolve, reject) => {
      if (bound.some(({ sql }) => this.#prepare(sql).writes)) {
        this.#waiting.push({
          statements: bound,
          until: Date.now() + MOST_WAIT_MS,
          resolve,
          reject,
        });
        if (this.#waiting.length === 1) {
          this.#schedule(this.#isBackground ? PAUSE_MS : 0);
        }
      } else {
        resolve(this.#transact("BEGIN", "COMMIT", "ROLLBACK", () => this.#run(bound)));
      }
    }).catch((error: unknown) => Promise.reject(nameCode(error))) as Promise<Result<T>[]>;
  }

  /** Wait for no lock from here on, where a wait would block every request. */
  forbidWaiting(): void {
    this.connection.exec("PRAGMA busy_timeout = 0");
  }

  close(): void {
    this.connection.close();
  }

  #schedule(delayMs: number): void {
    if (delayMs > 0) {
      setTimeout(() => this.#commit(), delayMs);
    } else {
      setImmediate(() => this.#commit());
    }
  }

  /** Run all transactions that wait, each on its own savepoint, and commit them at once. */
  #commit(): void {
    const waiting = this.#waiting;
    try {
      const settle = this.#transact("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", () =>
        waiting.map((transaction) => this.#attempt(transaction)),
      );
      this.#waiting = [];
      settle.forEach((report) => report());
    } catch (error) {
      const isLate = ({ until }: Waiting): boolean => until <= Date.now() || !isBusy(error);
      this.#waiting = waiting.filter((transaction) => !isLate(transaction));
      waiting.filter(isLate).forEach(({ reject }) => reject(error));
      if (this.#waiting.length > 0) {
        this.#schedule(RETRY_MS);
      }
    }
  }

  /** Run a transaction, and return the function that settles it after the commit. */
  #attempt({ statements, resolve, reject }: Waiting): () => void {
    try {
      const results = this.#transact("SAVEPOINT own", "RELEASE own", "ROLLBACK TO own", () =>
        this.#run(statements),
      );
      return () => resolve(results);
    } catch (error) {
      if (!this.connection.isTransaction) {
        throw error;
      }
      return () => reject(error);
    }
  }

  #transact<R>(begin: string, end: string, undo: string, work: () => R): R {
    this.#prepare(begin).statement.run();
    try {
      const result = work();
      this.#prepare(end).statement.run();
      return result;
    } catch (error) {
      // A full disk, for example, has ended the transaction.
      if (this.connection.isTransaction) {
        this.#prepare(undo).statement.run();
      }
      throw error;
    }
  }

  #run(statements: readonly BoundStatement[]): Result[] {
    return statements.map(({ sql, values }) => {
      const { statement, hasRows } = this.#prepare(sql);
      if (hasRows) {
        return { results: statement.all(...values).map(listBytes), meta: { changes: 0 } };
      }
      return { results: [], meta: { changes: Number(statement.run(...values).changes) } };
    });
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known) {
      return known;
    }
    if (this.#prepared.size >= MOST_PREPARED) {
      this.#prepared.clear();
    }
    const steps = this.connection.prepare(`EXPLAIN ${sql}`).all();
    const statement = this.connection.prepare(sql);
    const writes = steps.some(({ opcode, p2 }) => opcode === "Transaction" && Number(p2) > 0);
    const prepared = { statement, writes, hasRows: statement.columns().length > 0 };
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

class BoundStatement implements Statement {
  readonly #database: SqliteDatabase;
  readonly sql: string;
  readonly values: readonly SQLInputValue[];

  constructor(database: SqliteDatabase, sql: string, values: readonly unknown[]) {
    this.#database = database;
    this.sql = sql;
    this.values = values.map((value) =>
      typeof value === "boolean" ? Number(value) : (value as SQLInputValue),
    );
  }

  bind(...values: readonly unknown[]): Statement {
    return new BoundStatement(this.#database, this.sql, values);
  }

  async run<T>(): Promise<Result<T>> {
    const [result] = await this.#database.batch<T>([this]);
    return result!;
  }
}

/** Write the blobs of a row as lists of bytes, as the engine reads them. */
function listBytes(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) {
    if (value instanceof Uint8Array) {
      row[name] = [...value];
    }
  }
  return row;
}

const readCode = (error: unknown): number => Number((error as { errcode?: number }).errcode) & 255;

const isBusy = (error: unknown): boolean => CODES[readCode(error)] === "BUSY";

/** Add SQLite's code to the message, where the engine finds it. */
function nameCode(error: unknown): unknown {
  const code = CODES[readCode(error)];
  return error instanceof Error && code !== undefined
    ? new Error(`${error.message}: SQLITE_${code}`, { cause: error })
    : error;
}
