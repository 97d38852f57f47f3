/**
 * Decides which counts of a field are published, so that nobody can calculate the others.
 *
 * The rule assumes a reader who knows the total, the order of the cells, all possible values and
 * the rule itself. It publishes as many of the largest cells as it may, and withholds the rest
 * as one sum. With *least* = 10, a cut between the two is allowed if
 *
 * - every published cell is 10 or more;
 * - nothing is withheld, or at least two cells that add up to 10 or more;
 * - the withheld cells could have other counts: either all are below 10 and add up to less than
 *   9 a cell, or the smallest published cell is larger than a withheld cell can be when the
 *   others add up to 8 or 9.
 *
 * Proof that each withheld cell has at least two possible counts. The cut that is published
 * reveals that no cut that publishes more was allowed. There are two reasons for that. If all
 * withheld cells are below 10, such a cut would publish one of those. If one withheld cell is 10
 * or more and the others add up to 8 or 9, it would withhold a sum below 10. Where the withheld
 * cells add up to less than 9 a cell, the first reason fits several counts: move an installation
 * from one cell to another. Otherwise the second fits two: the cells beside the large one add up to
 * 8 or to 9, and it is smaller than every published cell in both cases.
 */

export interface Cell {
  /** JSON. */
  readonly value: string;
  /** One or more. */
  readonly installs: number;
}

/** The sum of cells that are all below the least. */
export interface SmallCells {
  readonly cells: number;
  readonly installs: number;
}

/** The exact counts of one field in one period. */
export interface Counts {
  /** The cells that are large enough to be published. */
  readonly cells: readonly Cell[];
  readonly small: SmallCells;
}

export interface PublishableCells {
  /** The largest first; equal cells in their original order. */
  readonly cells: readonly Cell[];
  /** Whether there are more cells. How many, and how large, is not published. */
  readonly withheld: boolean;
}

/** A cell with fewer installations is never published. */
export const LEAST = 10;

/**
 * Select the cells that may be published.
 *
 * Returns null if all cells together are below *least*, so that even the total is withheld.
 */
export function withholdSmallCells(
  { cells, small }: Counts,
  least: number = LEAST,
): PublishableCells | null {
  const sorted = cells.toSorted((left, right) => right.installs - left.installs);
  let withheldInstalls = small.installs;
  let withheldCells = small.cells;
  for (let count = sorted.length; count > 0; count -= 1) {
    const smallest = sorted[count - 1]?.installs ?? 0;
    if (isAllowed(smallest, withheldInstalls, withheldCells, least)) {
      return { cells: sorted.slice(0, count), withheld: withheldCells > 0 };
    }
    withheldInstalls += smallest;
    withheldCells += 1;
  }
  return withheldInstalls < least ? null : { cells: [], withheld: true };
}

/** @param smallest - the smallest cell that the cut would publish */
function isAllowed(
  smallest: number,
  withheldInstalls: number,
  withheldCells: number,
  least: number,
): boolean {
  if (smallest < least) {
    return false;
  }
  return (
    withheldCells === 0 ||
    (withheldCells >= 2 &&
      withheldInstalls >= least &&
      (withheldInstalls < (least - 1) * withheldCells || smallest >= withheldInstalls - least + 3))
  );
}
