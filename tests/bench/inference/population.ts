/** Makes up installations. */

import { drawIndex, type Chance } from "./chance.ts";
import { type NoiseSource } from "./rules.ts";

/** How common the values of each field are. */
export const FIELDS: Readonly<Record<string, readonly number[]>> = {
  version: [0.45, 0.25, 0.12, 0.08, 0.05, 0.03, 0.02],
  channel: [0.92, 0.06, 0.02],
  install_type: [0.72, 0.12, 0.08, 0.05, 0.03],
  arch: [0.74, 0.23, 0.02, 0.01],
  python: [0.5, 0.3, 0.15, 0.05],
  database: [0.6, 0.33, 0.07],
  doc_bucket: [0.15, 0.25, 0.4, 0.15, 0.05],
  multi_user: [0.7, 0.3],
  feature_mail: [0.55, 0.45],
  feature_ai: [0.8, 0.2],
};

/** The number of each field's value; fields are in the order of `FIELDS`. */
export type Row = readonly number[];

export const drawRow = (chance: Chance): Row =>
  Object.values(FIELDS).map((weights) => drawIndex(chance, weights));

export interface PopulationCell {
  readonly weight: number;
  readonly noise: number;
  count: number;
}

/** Count a population of *installs* by field and value; *noiseOf* gives each cell its noise. */
export async function createPopulation(
  chance: Chance,
  installs: number,
  noiseOf: NoiseSource,
): Promise<readonly (readonly PopulationCell[])[]> {
  const fields = await Promise.all(
    Object.entries(FIELDS).map(([field, weights]) =>
      Promise.all(
        weights.map(async (weight, value) => ({
          weight,
          noise: await noiseOf(field, String(value)),
          count: 0,
        })),
      ),
    ),
  );
  for (let index = 0; index < installs; index += 1) {
    addRow(fields, drawRow(chance));
  }
  return fields;
}

/** Count one more installation. */
export const addRow = (fields: readonly (readonly PopulationCell[])[], row: Row): void =>
  fields.forEach((cells, field) => {
    const cell = cells[row[field] ?? 0];
    if (cell) {
      cell.count += 1;
    }
  });
