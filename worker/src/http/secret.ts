/** Checks whether a request has one of the operator's secrets. */

import type { Env } from "../kinds/env.ts";
import type { IncomingRequest } from "../kinds/incoming-request.ts";

/** Two may be valid at once, so that a secret can be replaced without an interruption. */
const NAMES = ["OPERATOR_SECRET", "OPERATOR_SECRET_2"] as const;
const LEAST_CHARACTERS = 32;
// HTTP ignores the case of the scheme, and removes spaces at the end.
const BEARER = /^Bearer +(.+)$/i;

/** Whether the operator has set a secret. One that is too short does not count, and is logged. */
export const hasOperator = (env: Env): boolean => listSecrets(env, console.error).length > 0;

/** Whether the header Authorization has one of the operator's secrets; nothing else can. */
export function isOperator(request: IncomingRequest, env: Env): boolean {
  const sent = BEARER.exec(request.headers.get("Authorization") ?? "")?.[1] ?? "";
  // Compare with all, so that the time does not depend on which of them fits.
  const results = listSecrets(env, () => undefined).map((secret) => isSecret(sent, secret));
  return results.includes(true);
}

const listSecrets = (env: Env, log: (line: string) => void): readonly string[] =>
  NAMES.flatMap((name) => {
    const secret = (env[name] ?? "").trim();
    if (secret !== "" && secret.length < LEAST_CHARACTERS) {
      log(`operator: ${name} does not count: it has fewer than ${LEAST_CHARACTERS} characters`);
    }
    return secret.length < LEAST_CHARACTERS ? [] : [secret];
  });

/** Compare in a time that depends on the lengths only, so that no prefix of the secret leaks. */
export function isSecret(sent: string, secret: string): boolean {
  const encoder = new TextEncoder();
  const [left, right] = [encoder.encode(sent), encoder.encode(secret)];
  let difference = left.length ^ right.length;
  right.forEach((byte, index) => {
    difference |= byte ^ (left[index] ?? 0);
  });
  return difference === 0;
}
