/**
 * Which counts of a field may be published, so that none of the others can be worked
 * out: not from the total, not from the order, not by who knows this rule and which
 * values there are.
 *
 * The largest cells are published, as many as may be; the rest is withheld as one.
 * With *least* = 10 a cut is allowed if
 *
 * - every published cell counts 10 or more;
 * - what is withheld is nothing, or 10 or more, of two cells or more;
 * - and that could be something else: all below 10 with one to spare, or one large
 *   cell beside 8 or 9, below the smallest that is published.
 *
 * The last is because a cut tells that no later one was allowed. Every allowed cut is
 * one for at least two counts of any withheld cell: where the withheld cells are all
 * below 10, or one is not and the others sum up to 8 or 9, no later cut is allowed
 * (it would publish a cell below 10, or withhold a sum below 10). So if less is
 * withheld than 9 a cell, one can be taken from a withheld cell and given to another;
 * else 8 and 9 are both possible for what stands beside the large one, which then
 * still is smaller than any published cell.
 */

export interface Cell {
  readonly value: string;
  /** One or more. */
  readonly installs: number;
}

export interface Publishable {
  /** The largest first; of equal ones, in the order that they came in. */
  readonly cells: readonly Cell[];
  /** Whether there are more. How many, and how large, is not told. */
  readonly withheld: boolean;
}

/** A cell that counts fewer installations is never published. */
export const LEAST = 10;

/**
 * What may be published of all *cells* of one field; null if all of them together
 * count fewer than *least*, so that not even that may be told.
 */
export function publishable(cells: readonly Cell[], least: number = LEAST): Publishable | null {
  const sorted = cells.toSorted((one, other) => other.installs - one.installs);
  let rest = 0;
  let cut: number | null = null;
  for (let count = sorted.length; cut === null; count -= 1) {
    const smallest = count === 0 ? Infinity : (sorted[count - 1]?.installs ?? 0);
    if (allowed(smallest, rest, sorted.length - count, least)) {
      cut = count;
    } else if (count === 0) {
      return null;
    }
    rest += smallest;
  }
  return { cells: sorted.slice(0, cut), withheld: cut < sorted.length };
}

/**
 * @param smallest - the smallest cell that would be published
 * @param rest - the sum of the others
 * @param others - how many those are
 */
function allowed(smallest: number, rest: number, others: number, least: number): boolean {
  if (smallest < least) {
    return false;
  }
  if (others === 0) {
    return smallest !== Infinity;
  }
  return (
    others >= 2 && rest >= least && (rest < (least - 1) * others || smallest >= rest - least + 3)
  );
}
