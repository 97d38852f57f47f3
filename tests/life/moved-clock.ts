/** Runs the receiver of a project with a clock that a file sets. */

import { readFileSync } from "node:fs";
import { createReceiver } from "usage-receiver/receiver";

const { LIFE_CLOCK = "", LIFE_PROJECT = "" } = process.env;
const readClock = (): number => Number(readFileSync(LIFE_CLOCK, "utf8"));
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...values: [number]) {
    super(...(values.length > 0 ? values : [readClock()]));
  }
  static override now(): number {
    return readClock();
  }
} as DateConstructor;

// Only now, so that no module has read the clock before.
const { project } = (await import(LIFE_PROJECT)) as {
  project: Parameters<typeof createReceiver>[0];
};
export const receiver = createReceiver(project);
