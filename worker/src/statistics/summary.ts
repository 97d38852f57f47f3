/** Turns the exact counts of one period into the numbers that are published. */

import type { PublishedField } from "../kinds/published-fields.ts";
import { withholdSmallCells, type Counts, type PublishableCells } from "./withholding.ts";

/** A field's value; null if reports leave the field out. The text may be older than the contract. */
export type Value = string | number | boolean | null;

export interface FieldSummary {
  /** The largest first. */
  readonly cells: readonly { readonly value: Value; readonly installs: number }[];
  /** Whether there are more cells: together, they are what is missing from the total. */
  readonly withheld: boolean;
}

export interface Summary {
  /** Distinct installations; null if there are too few to publish. */
  readonly total: number | null;
  readonly fields: Readonly<Record<string, FieldSummary>>;
  /** The fields that count betas only; null if the number of betas is withheld. */
  readonly betas: Omit<Summary, "betas"> | null;
}

/**
 * @param published - every field that is published
 * @param counts - by field; a field without reports has none
 */
export function summarize(
  published: readonly PublishedField[],
  counts: ReadonlyMap<string, Counts>,
): Summary {
  const summarizeWhere = (conditional: boolean): Readonly<Record<string, FieldSummary>> =>
    Object.fromEntries(
      published
        .filter(({ condition }) => (condition !== null) === conditional)
        .map((field) => [field.name, toSummary(field, withhold(counts.get(field.name)))]),
    );
  const fields = summarizeWhere(false);
  const condition = published.find((field) => field.condition !== null)?.condition;
  const betas =
    fields[condition?.field ?? ""]?.cells.find(({ value }) => value === condition?.value)
      ?.installs ?? null;
  return {
    // Each installation counts once in each field, so that any field gives the total.
    total: addUp(counts.get(published.find((field) => field.condition === null)?.name ?? "")),
    fields,
    betas: betas === null ? null : { total: betas, fields: summarizeWhere(true) },
  };
}

const withhold = (counts: Counts | undefined): PublishableCells =>
  (counts && withholdSmallCells(counts)) ?? { cells: [], withheld: true };

function addUp(counts: Counts | undefined): number | null {
  if (counts === undefined || withholdSmallCells(counts) === null) {
    return null;
  }
  return counts.cells.reduce((sum, { installs }) => sum + installs, counts.small.installs);
}

function toSummary(field: PublishedField, { cells, withheld }: PublishableCells): FieldSummary {
  return {
    cells: cells.map(({ value: json, installs }) => {
      const value = JSON.parse(json) as Value;
      const isFlag = field.boolean && (value === 0 || value === 1);
      return { value: isFlag ? value === 1 : value, installs };
    }),
    withheld,
  };
}
