/** Turns a failure of the database into an answer and a line in the log. */

/**
 * Run *work*, or answer *unavailable* if it throws.
 *
 * @param label - begins the line in the log
 */
export async function answerFailure(
  label: string,
  unavailable: () => Response,
  work: () => Promise<Response>,
): Promise<Response> {
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
      .match(/\b(?:SQLITE_[A-Z]+|[A-Z0-9]+_ERROR)\b/g)
      ?.join(" ") ?? "no code"
  );
}
