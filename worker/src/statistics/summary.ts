/** Turns the rounded counts of one period into the summary that is published. */

import type { ReportKind } from "../kinds/kind.ts";
import type { PublishedField } from "../kinds/published-fields.ts";
import type { Cell, RoundedCounts } from "./rounding.ts";

/** A field's value; null if reports leave the field out. The text may be older than the contract. */
export type Value = string | number | boolean | null;

export interface FieldSummary {
  /** The largest first. */
  readonly cells: readonly { readonly value: Value; readonly installs: number }[];
}

export interface Summary {
  /** Distinct installations; null if there are too few to publish. */
  readonly total: number | null;
  /** Installations that have reported once, where they do not count yet. */
  readonly newcomers?: number | null;
  readonly fields: Readonly<Record<string, FieldSummary>>;
  /** The fields that count betas only; null if the number of betas is not published. */
  readonly betas: Pick<Summary, "total" | "fields"> | null;
}

/** Stands for the counts of a period if nothing is published. */
export const NOTHING: RoundedCounts = { total: null, newcomers: null, fields: new Map() };

export function summarize(
  { published, countedFrom }: Pick<ReportKind, "published" | "countedFrom">,
  counts: RoundedCounts,
): Summary {
  // A number is read as a share of the total, so nothing is published without one.
  const { total, newcomers, fields: cells } = counts.total === null ? NOTHING : counts;
  const summarizeWhere = (conditional: boolean): Readonly<Record<string, FieldSummary>> =>
    Object.fromEntries(
      published
        .filter(({ condition }) => (condition !== null) === conditional)
        .map((field) => [field.name, toSummary(field, cells.get(field.name) ?? [])]),
    );
  const fields = summarizeWhere(false);
  const condition = published.find((field) => field.condition !== null)?.condition;
  const betas =
    fields[condition?.field ?? ""]?.cells.find(({ value }) => value === condition?.value)
      ?.installs ?? null;
  return {
    total,
    ...(countedFrom === "second report" && { newcomers }),
    fields,
    betas: betas === null ? null : { total: betas, fields: summarizeWhere(true) },
  };
}

const toSummary = (field: PublishedField, cells: readonly Cell[]): FieldSummary => ({
  cells: cells.map(({ value: json, installs }) => {
    const value = JSON.parse(json) as Value;
    const isFlag = field.boolean && (value === 0 || value === 1);
    return { value: isFlag ? value === 1 : value, installs };
  }),
});
