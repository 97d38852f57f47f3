/** What is published of one period, made from exact counts. */

import { publishable, type Publishable } from "./ksafe";
import type { Published } from "./published";
import type { Counts } from "./store/statistics";

/** What a field says; null where reports leave it out. Text that fits no contract may be among it. */
export type Value = string | number | boolean | null;

export interface Field {
  /** The largest first. */
  readonly cells: readonly { readonly value: Value; readonly installs: number }[];
  /** Whether there are more: in all, as many as are missing from the total. */
  readonly withheld: boolean;
}

/** Distinct installations in all, null if those are too few to tell; and by field. */
export interface Statistics {
  readonly total: number | null;
  readonly fields: Readonly<Record<string, Field>>;
  /** The same of those on a beta; null if how many they are is withheld. */
  readonly betas: Omit<Statistics, "betas"> | null;
}

/**
 * @param fields - those that are published, all of them
 * @param counts - by field; one without any is missing
 */
export function statistics(
  fields: readonly Published[],
  counts: ReadonlyMap<string, Counts>,
): Statistics {
  const told = (within: boolean): Readonly<Record<string, Field>> =>
    Object.fromEntries(
      fields
        .filter((field) => (field.within !== null) === within)
        .map((field) => [field.name, readable(field, tell(counts.get(field.name)))]),
    );
  const all = told(false);
  const betas = fields.find(({ within }) => within !== null)?.within;
  const installs =
    all[betas?.field ?? ""]?.cells.find(({ value }) => value === betas?.value)?.installs ?? null;
  return {
    // Each installation counts once in each field: any of them tells how many there are.
    total: total(counts.get(fields.find(({ within }) => within === null)?.name ?? "")),
    fields: all,
    betas: installs === null ? null : { total: installs, fields: told(true) },
  };
}

const tell = (counts: Counts | undefined): Publishable =>
  (counts && publishable(counts.cells, counts.small)) ?? { cells: [], withheld: true };

function total(counts: Counts | undefined): number | null {
  if (counts === undefined || publishable(counts.cells, counts.small) === null) {
    return null;
  }
  return counts.cells.reduce((sum, { installs }) => sum + installs, counts.small.installs);
}

function readable({ boolean }: Published, { cells, withheld }: Publishable): Field {
  return {
    cells: cells.map(({ value: json, installs }) => {
      const value = JSON.parse(json) as Value;
      return { value: boolean && (value === 0 || value === 1) ? value === 1 : value, installs };
    }),
    withheld,
  };
}
