/**
 * Exports the receiver that server-harness.mjs runs: that of the module TEST_ENTRY, or else of the
 * project beside it.
 *
 * Like Cloudflare's local runtime, it reads the sender's country from the header `MF-CF-Blob`.
 */

import { pathToFileURL } from "node:url";
import { createReceiver } from "../receiver.ts";

const entry = pathToFileURL(process.env.TEST_ENTRY);
const tested =
  (await import(entry)).receiver ??
  createReceiver((await import(new URL("project.ts", entry))).project);

export const receiver = {
  ...tested,
  answer(request, env, sender) {
    const { country = null } = JSON.parse(request.headers.get("MF-CF-Blob") ?? "{}");
    return tested.answer(request, env, { ...sender, country });
  },
};
