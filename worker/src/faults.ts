/** What becomes of a request when the database fails. */

import * as answers from "./answers";

/** The answer that *work* comes to, or the 503 if it throws, which *what* tells the log. */
export async function orUnavailable(
  what: string,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    console.error(`${what}: the database failed: ${codes(error)}`);
    return answers.unavailable();
  }
}

/** The codes in an error's message, and no other word of it: a log holds nothing that was sent. */
function codes(error: unknown): string {
  return (
    String(error)
      .match(/\b(?:D1|SQLITE)_[A-Z]+\b/g)
      ?.join(" ") ?? "no code"
  );
}
