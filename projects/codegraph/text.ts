/** Builds codegraph's answers, which are lines of plain text. */

export const text = (
  status: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): Response => new Response(`${line}\n`, { status, headers });
