/** Compares a secret that a request sends with one of the operator's. */

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
