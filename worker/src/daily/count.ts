/** Counts the latest reports and publishes the rounded numbers. */

import type { Database } from "../kinds/database.ts";
import type { ReportKind } from "../kinds/kind.ts";
import { repeatsNumbers, type Changes } from "../statistics/changes.ts";
import {
  findDueEdition,
  isMonth,
  listUncountedMonths,
  listWindows,
  type Period,
  type Retention,
} from "../statistics/periods.ts";
import { importSecret, roundCounts, type Counts } from "../statistics/rounding.ts";
import { NOTHING, summarize, type Summary } from "../statistics/summary.ts";
import { countPeriods } from "../store/counts.ts";
import { readExactMonths, replaceExactCells } from "../store/exact-cells.ts";
import {
  readState,
  replacePublications,
  type CountedPublication,
  type State,
} from "../store/publications.ts";
import type { CountedPeriod } from "../store/time-classes.ts";

/**
 * Publish each closed month once, and an edition once a week.
 *
 * Nothing is added to earlier counts. So a run may repeat, be late or follow a failed one, and a
 * forgotten installation no longer counts.
 *
 * @param due - when the run was due
 * @param log - gets a line for what is done
 * @throws Error - if the database fails; the periods that were not counted stay published as they were
 */
export async function countReports(
  kind: ReportKind,
  db: Database,
  due: Date,
  retention: Retention,
  log: (line: string) => void,
): Promise<void> {
  const state = await readCurrentState(kind, db, log);
  const edition = findDueEdition(due, state);
  const periods = [
    ...listUncountedMonths(due, retention, state),
    ...(edition === null ? [] : listWindows(edition, retention)),
  ];
  // One count serves all periods with the same end. Each end is published before the next is
  // counted, because a run that takes too long is stopped.
  for (const group of Map.groupBy(periods, ({ until }) => until.getTime()).values()) {
    const counted = group.map((period) => ({
      ...period,
      basis: findBasis(period, retention, state),
    }));
    const shortestFirst = counted.toSorted((left, right) => Number(right.from) - Number(left.from));
    const names = await countAndPublish(kind, db, due, state, shortestFirst);
    log(`${kind.name}: counted for ${names.join(", ") || "no period"}`);
  }
}

/** Find the period that the published numbers of a window were counted for. */
function findBasis(
  { name }: Period,
  retention: Retention,
  { windows }: State,
): CountedPeriod["basis"] {
  const until = windows.get(name)?.countedUntil;
  // Reports that are due for the purge are still there, and count as gone.
  const everything = { ...retention, since: new Date(0) };
  const bases = until === undefined ? [] : listWindows(new Date(until), everything);
  return bases.find((window) => window.name === name) ?? null;
}

/** What is shown of a period that a longer one contains. */
interface Shown {
  /** Exact. */
  readonly total: number;
  readonly publication: CountedPublication;
  /** How many installations its numbers include, although they have left it. */
  readonly gone: number;
}

const hasNumbers = ({ body }: CountedPublication): boolean =>
  (JSON.parse(body) as Summary).total !== null;

/** Find how many installations a reader sees by the difference to a shorter period. */
const findBetween = (total: number, shorter: Shown): Changes => ({
  joined: total - shorter.total - shorter.gone,
  left: 0,
});

/**
 * @param periods - the shortest first, all with the same end
 * @returns the names of those that have a publication
 */
async function countAndPublish(
  kind: ReportKind,
  db: Database,
  due: Date,
  state: State,
  periods: readonly CountedPeriod[],
): Promise<readonly string[]> {
  const counts = await countPeriods(db, kind, periods);
  const summaries = await Promise.all(counts.map((exact) => summarizeCounts(kind, state, exact)));
  const publications: CountedPublication[] = [];
  let shorter: Shown | null = null;
  for (const [index, { period, total, changes }] of counts.entries()) {
    const previous = state.windows.get(period.name);
    const left = changes.left + (previous?.removed ?? 0);
    let repeated: Omit<Shown, "total"> | null = null;
    if (previous && repeatsNumbers({ ...changes, left })) {
      repeated = { publication: previous, gone: changes.left };
    } else if (shorter && repeatsNumbers(findBetween(total, shorter))) {
      repeated = shorter;
    }
    const summary = summaries[index] ?? summarize(kind, NOTHING);
    const publication = toPublication(due, period, summary, repeated?.publication ?? null);
    publications.push(publication);
    shorter = hasNumbers(publication) ? { total, publication, gone: repeated?.gone ?? 0 } : null;
  }
  // The first edition appears as soon as its total can, and every other one at its time.
  const hasEdition = state.editionUntil !== null || publications.some(hasNumbers);
  const written = publications.filter(({ period }) => hasEdition || isMonth(period));
  await replacePublications(db, kind, written);
  return written.map(({ period }) => period);
}

/** Build a publication of *summary*, or of the numbers of an earlier publication. */
function toPublication(
  due: Date,
  { name, from, until }: Period,
  summary: Summary,
  repeated: CountedPublication | null,
): CountedPublication {
  const span = { from: from.toISOString(), until: until.toISOString() };
  const numbers = repeated === null ? summary : (JSON.parse(repeated.body) as Summary);
  return {
    period: name,
    asOf: repeated?.asOf ?? due.toISOString(),
    countedUntil: repeated?.countedUntil ?? span.until,
    body: JSON.stringify({ ...span, ...numbers, ...span }),
  };
}

const summarizeCounts = async (
  kind: ReportKind,
  { secret }: State,
  counts: Counts,
): Promise<Summary> =>
  summarize(kind, await roundCounts(await importSecret(secret), kind.name, counts));

/** Read the state, after replacing what an earlier release published by another rule. */
async function readCurrentState(
  kind: ReportKind,
  db: Database,
  log: (line: string) => void,
): Promise<State> {
  const state = await readState(db, kind);
  const months = await readExactMonths(db, kind);
  if (months === null) {
    return state;
  }
  const publications = months.map(async ({ period, asOf, from, until, ...counts }) => ({
    period,
    asOf,
    countedUntil: until,
    body: JSON.stringify({ from, until, ...(await summarizeCounts(kind, state, counts)) }),
  }));
  await replaceExactCells(db, kind, await Promise.all(publications));
  log(`${kind.name}: rounded the counts of an earlier release`);
  return readState(db, kind);
}
