/** Reads the edition of a period, as every output shows it. */

import { findRetentionDays } from "../daily/retention.ts";
import type { Env } from "../kinds/env.ts";
import type { Project } from "../kinds/project.ts";
import { buildEdition, buildRules, type Edition } from "../statistics/edition.ts";
import { findDefaultPeriod, isPeriod } from "../statistics/periods.ts";
import { readPublications } from "../store/publications.ts";

/**
 * Read the edition of *period*, or of the default period; null if there is none.
 *
 * @throws Error - if the database fails
 */
export async function readEdition(
  { counted, texts }: Project,
  env: Env,
  name?: string,
): Promise<Edition | null> {
  const days = findRetentionDays(counted, env);
  const period = name ?? findDefaultPeriod(days);
  if (!isPeriod(period, days)) {
    return null;
  }
  const { publications, available } = await readPublications(env.DB, counted, [period]);
  const periods = available.filter((it) => isPeriod(it, days));
  const rules = buildRules(texts.counted);
  return buildEdition(counted, rules, period, publications.get(period), periods);
}
