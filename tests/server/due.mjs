// Reads {cron, lastDay, looks: [[time, seconds since the start], …]} as JSON, and writes the runs
// that are found, a time or null for each look, and the warnings.

import { createDueFinder } from "../../worker/src/daily/due.ts";

const { cron, lastDay, looks } = JSON.parse(await new Response(process.stdin).text());
const warnings = [];
const findDue = createDueFinder(cron, lastDay, (line) => warnings.push(line));
const runs = looks.map(([time, seconds]) => findDue(new Date(time), seconds * 1000));
console.log(JSON.stringify({ runs, warnings }));
