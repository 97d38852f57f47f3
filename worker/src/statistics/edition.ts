/** Builds an edition: the published data of one period, from which every output is made. */

import type { ReportKind } from "../kinds/kind.ts";
import { isMonth } from "./periods.ts";
import { LEAST_CHANGES } from "./changes.ts";
import { BASE, LEAST } from "./rounding.ts";
import { NOTHING, summarize, type Summary } from "./summary.ts";

/** The row that the daily run stores for a period. */
export interface Publication {
  readonly period: string;
  /** When it was counted, ISO 8601. */
  readonly asOf: string;
  /** JSON of a summary, with `from` and `until`. */
  readonly body: string;
}

/** What every output says of its numbers. */
export const ROUNDING = `rounded to ${BASE}, shown from ${LEAST}`;

/** How to read the numbers. */
const RULES = {
  base: BASE,
  least: LEAST,
  rounded:
    `Numbers are ${ROUNDING}. Each is at most ${BASE - 1} off, up or down, and none is adjusted ` +
    "to the others: they need not add up to the total.",
  repeated:
    `Numbers change once a week, and only if ${LEAST_CHANGES} installations are new or gone. ` +
    "Otherwise an edition repeats the numbers of an earlier one with their date, as_of. A longer " +
    "period repeats those of a shorter one in the same way.",
  weakness:
    "Anyone can report, so numbers can be made up. Someone who sends reports and watches every " +
    "edition can narrow a number down, to a few possible values. Numbers that count the same " +
    "installations narrow each other down further.",
};

/** The rules, with the project's sentence about what is counted. */
export type Rules = typeof RULES & { readonly counted: string };

export const buildRules = (counted: string): Rules => ({ counted, ...RULES });

export interface Edition extends Summary {
  readonly period: string;
  /** When it was counted, ISO 8601; null if nothing has been counted yet. */
  readonly as_of: string | null;
  readonly from: string | null;
  readonly until: string | null;
  readonly rules: Rules;
  /** Every period that has an edition. */
  readonly periods: readonly string[];
}

/**
 * Build the edition of *period*, or null if there is none.
 *
 * A window that has not been counted yet has an empty edition; a month has none.
 */
export function buildEdition(
  kind: ReportKind,
  rules: Rules,
  period: string,
  publication: Publication | undefined,
  periods: readonly string[],
): Edition | null {
  if (publication === undefined) {
    const empty = { from: null, until: null, ...summarize(kind, NOTHING) };
    return isMonth(period) ? null : { period, as_of: null, rules, periods, ...empty };
  }
  const body = JSON.parse(publication.body) as Summary & { from: string; until: string };
  return { period, as_of: publication.asOf, rules, periods, ...body };
}

export interface MonthlySummary extends Summary {
  readonly period: string;
  readonly until: string;
}

export function parseMonth({ period, body }: Publication): MonthlySummary {
  return { ...(JSON.parse(body) as MonthlySummary), period };
}
