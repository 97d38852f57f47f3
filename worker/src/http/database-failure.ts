/** Turns a failure of the database into a 503 and a line in the log. */

import { unavailable } from "./answers.ts";

/**
 * Run *work*, or answer 503 if it throws.
 *
 * @param label - begins the line in the log
 */
export async function answerOr503(label: string, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    console.error(`${label}: the database failed: ${findCodes(error)}`);
    return unavailable();
  }
}

/** The codes in an error's message, without its other words: they may repeat what was sent. */
function findCodes(error: unknown): string {
  return (
    String(error)
      .match(/\b(?:D1|SQLITE)_[A-Z]+\b/g)
      ?.join(" ") ?? "no code"
  );
}
