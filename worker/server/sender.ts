/** Finds the sender of a request. */

import type { Sender } from "../src/kinds/sender.ts";

export const createSenderFinder =
  (_proxies: readonly string[], _warn: (line: string) => void) =>
  (peer: string, _forwarded: string | undefined): Sender => ({ address: peer, country: null });
