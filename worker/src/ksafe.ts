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

/** Cells that need not be looked at one by one: all are below the least. */
export interface Small {
  readonly cells: number;
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
 * What may be published of one field, that is of *cells* and the *small* ones beside
 * them; null if all together count fewer than *least*, so that not even that may be told.
 */
export function publishable(
  cells: readonly Cell[],
  small: Small = { cells: 0, installs: 0 },
  least: number = LEAST,
): Publishable | null {
  const sorted = cells.toSorted((one, other) => other.installs - one.installs);
  let rest = small.installs;
  let others = small.cells;
  for (let count = sorted.length; count > 0; count -= 1) {
    const smallest = sorted[count - 1]?.installs ?? 0;
    if (allowed(smallest, rest, others, least)) {
      return { cells: sorted.slice(0, count), withheld: others > 0 };
    }
    rest += smallest;
    others += 1;
  }
  return rest < least ? null : { cells: [], withheld: true };
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
  return (
    others === 0 ||
    (others >= 2 && rest >= least && (rest < (least - 1) * others || smallest >= rest - least + 3))
  );
}
