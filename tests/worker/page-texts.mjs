/**
 * Calls what the page writes for a test.
 *
 * Each line in is {"field": a published field, "cells": [...]}, {"count": n, "total": n},
 * {"description": text} or {"until": time}. Each line out is the values in the page's order, a share
 * in words, the question, or the day of the next edition.
 */

import { createInterface } from "node:readline";
import { describeShare, readQuestion } from "../../worker/site/sentences.ts";
import { sortCells } from "../../worker/site/value-order.ts";
import { findNextEdition } from "../../worker/src/statistics/periods.ts";

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}

function answer({ field, cells, count, total, description, until }) {
  if (field !== undefined) {
    return sortCells(field, cells).map(({ value }) => value);
  }
  if (until !== undefined) {
    return findNextEdition(new Date(until)).toISOString();
  }
  return description === undefined ? describeShare(count, total) : readQuestion(description).markup;
}
