/** Runs the receiver of a project with a clock that a file sets. */

import { readFileSync } from "node:fs";
import { createReceiver } from "usage-receiver/receiver";

const { LIFE_CLOCK, LIFE_PROJECT } = process.env;
const readClock = () => Number(readFileSync(LIFE_CLOCK, "utf8"));
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...values) {
    super(...(values.length > 0 ? values : [readClock()]));
  }
  static now() {
    return readClock();
  }
};

// Only now, so that no module has read the clock before.
const { project } = await import(LIFE_PROJECT);
export const receiver = createReceiver(project);
