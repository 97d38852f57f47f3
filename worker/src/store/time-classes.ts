/** Writes the SQL that classifies installations by when they reported, for counts of periods. */

import type { ReportKind } from "../kinds/kind.ts";
import { toDay } from "../kinds/time.ts";
import type { Period } from "../statistics/periods.ts";

/** A period, and the one that its published numbers were counted for, if there is one. */
export interface CountedPeriod extends Period {
  readonly basis: Pick<Period, "from" | "until"> | null;
}

const sortDays = (midnights: readonly Date[]): readonly string[] =>
  [...new Set(midnights.map(toDay))].toSorted();

/** List the first days of *periods* and of their bases, the earliest first. */
export const listStarts = (periods: readonly CountedPeriod[]): readonly string[] =>
  sortDays(periods.flatMap(({ from, basis }) => (basis ? [from, basis.from] : [from])));

const listBasisEnds = (periods: readonly CountedPeriod[]): readonly string[] =>
  sortDays(periods.flatMap(({ basis }) => basis?.until ?? []));

/**
 * Select the class of an installation, a number.
 *
 * Its last digit is 1 if the installation counts, and 0 if it has to report a second time first. The
 * digit before that is how many of the ends of bases its first report does not precede, and the
 * number before that how many of the starts its latest report does not precede.
 *
 * @param latest - SQL: the time of its latest report, or the day
 * @param first - SQL: the same of its first report
 */
export function selectClass(
  { countedFrom }: Pick<ReportKind, "countedFrom">,
  periods: readonly CountedPeriod[],
  latest: string,
  first: string,
): string {
  const counts = countedFrom === "first report" ? "1" : `(${first} < ${latest})`;
  return `${countDays(latest, listStarts(periods))} * 100
    + ${countDays(first, listBasisEnds(periods))} * 10 + ${counts}`;
}

/** Count the *days* that *time* does not precede. */
function countDays(time: string, days: readonly string[]): string {
  const tests = days.map((day, count) => `WHEN ${time} < '${day}' THEN ${count}`);
  return days.length === 0 ? "0" : `CASE ${tests.join(" ")} ELSE ${days.length} END`;
}

/**
 * Select the sums of `"installs"` that *periods* need, from groups that have a `"class"`.
 *
 * @param countsAll - whether newcomers are counted too, which are numbers of all installations
 */
export function selectSums(periods: readonly CountedPeriod[], countsAll: boolean): string {
  const starts = listStarts(periods);
  const ends = listBasisEnds(periods);
  const isIn = (start: Date): string => `"class" / 100 > ${starts.indexOf(toDay(start))}`;
  const sums = periods.flatMap(({ from, basis }, index) => {
    const inside = isIn(from);
    const tests: [string, string][] = [["installs", `${inside} AND "class" % 10`]];
    if (countsAll) {
      tests.push(["newcomers", `${inside} AND NOT "class" % 10`]);
    }
    if (basis) {
      const isNew = `"class" / 10 % 10 > ${ends.indexOf(toDay(basis.until))}`;
      tests.push(
        ["joined", `${inside} AND ${isNew}`],
        ["left", `NOT ${inside} AND ${isIn(basis.from)} AND NOT ${isNew}`],
      );
    }
    return tests.map(([name, test]) => `SUM("installs" * (${test})) AS "${name}_${index}"`);
  });
  return sums.join(", ");
}
