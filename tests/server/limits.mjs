// Floods a limiter with senders for three minutes of a made-up clock, and writes what it said.

import { mock } from "node:test";
import { createLimiter } from "../../worker/server/limits.ts";

const SENDERS = 250_000;

mock.timers.enable({ apis: ["setInterval"] });
const limiter = createLimiter({ limit: 2, period: 60 });
const isAccepted = async (key) => (await limiter.limit({ key })).success;

const first = [await isAccepted("first"), await isAccepted("first"), await isAccepted("first")];
global.gc();
const before = process.memoryUsage().heapUsed;
let accepted = 0;
for (let sender = 0; sender < SENDERS; sender += 1) {
  accepted += Number(await isAccepted(`write 2001:db8:${sender.toString(16)}::`));
}
global.gc();
const flooded = process.memoryUsage().heapUsed - before;
const later = [await isAccepted("first"), await isAccepted("new")];
mock.timers.tick(60_000);
global.gc();
const cleared = process.memoryUsage().heapUsed - before;
const next = [await isAccepted("first"), await isAccepted("new")];
console.log(JSON.stringify({ first, accepted, flooded, later, cleared, next }));
process.exit();
