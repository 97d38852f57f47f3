/**
 * Runs wrangler with arguments from standard input, a JSON array: `node wrangler.mjs CLI`.
 *
 * The arguments of a process are visible to other users, and limited in length.
 */

import { readFileSync } from "node:fs";
import { Module } from "node:module";

process.argv.splice(1, 1);
process.argv.push(...JSON.parse(readFileSync(0, "utf8")));
// As the main module: as another one, wrangler only exports functions.
Module.runMain();
