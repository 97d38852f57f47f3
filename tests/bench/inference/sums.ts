/** Adds numbers up, and finds how likely each sum is. */

export const addUp = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0);

/**
 * Combine how likely each value of two independent numbers is into how likely each sum is.
 *
 * @param most - larger sums are left out
 */
export function combineSums(
  left: readonly number[],
  right: readonly number[],
  most: number,
): readonly number[] {
  const sums = Array.from({ length: most + 1 }, () => 0);
  for (const [first, likelihood] of left.entries()) {
    for (const [second, another] of right.slice(0, most + 1 - first).entries()) {
      sums[first + second] = (sums[first + second] ?? 0) + likelihood * another;
    }
  }
  return sums;
}
