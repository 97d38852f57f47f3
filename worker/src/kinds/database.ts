/** Declares what the receiver needs of a database: statements of SQLite, and transactions. */

/** The outcome of a statement. */
export interface Result<T = Record<string, unknown>> {
  readonly results: T[];
  readonly meta: {
    /** How many rows the statement has changed. */
    readonly changes: number;
  };
}

/** A statement, whose parameters are `?1`, `?2` and so on. */
export interface Statement {
  /** Set the parameters, and return the statement with them. */
  bind(...values: readonly unknown[]): Statement;
  /** Run it in a transaction of its own. */
  run<T = Record<string, unknown>>(): Promise<Result<T>>;
}

/** A database. A blob in a result is an array of its bytes. */
export interface Database {
  prepare(sql: string): Statement;
  /**
   * Run *statements* in one transaction, which is durable when the promise is fulfilled.
   *
   * @throws Error - if any statement fails; then none has an effect
   */
  batch<T = Record<string, unknown>>(statements: readonly Statement[]): Promise<Result<T>[]>;
  /**
   * Try to write, without a change. A runtime that has no disk of its own leaves this out.
   *
   * @throws Error - if a report could not be stored
   */
  tryWriting?(): Promise<void>;
}
