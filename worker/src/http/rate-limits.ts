/** Checks a request against the rate limits: per address, per network, and for all senders. */

import type { Env } from "../kinds/env.ts";
import type { Sender } from "../kinds/sender.ts";
import { listNetworks } from "./networks.ts";

/** What a request is for. Each use has limits of its own: readers never use up those of senders. */
export type Use = "read" | "write" | "operator";

/**
 * Whether *sender* is within the limits.
 *
 * Nothing else reads the sender's address (decision S7).
 */
export const isWithinLimits = (sender: Sender, use: Use, limits: Env): Promise<boolean> =>
  acceptFailure(() => countRequest(sender, use, limits));

/**
 * Whether an installation is within the limit of its own.
 *
 * @param key - of the kind and the installation
 */
export const isInstallationWithinLimit = (key: string, limits: Env): Promise<boolean> =>
  acceptFailure(async () => (await limits.LIMIT_INSTALLATION?.limit({ key }))?.success ?? true);

/** Accept a request if the runtime's limiter fails: the storage has limits of its own. */
async function acceptFailure(count: () => Promise<boolean>): Promise<boolean> {
  try {
    return await count();
  } catch {
    console.error("limits: the platform's limiter failed");
    return true;
  }
}

async function countRequest({ address }: Sender, use: Use, limits: Env): Promise<boolean> {
  const { LIMIT_ADDRESS, LIMIT_NETWORK, LIMIT_ALL } = limits;
  if (!LIMIT_ADDRESS && !LIMIT_NETWORK && !LIMIT_ALL) {
    return true;
  }
  const { narrow, wide } = listNetworks(address);
  // From the narrowest on, so that a request over one limit uses up no wider one.
  const tiers = [
    [LIMIT_ADDRESS, narrow],
    [LIMIT_NETWORK, wide],
    [LIMIT_ALL, "all"],
  ] as const;
  for (const [limiter, network] of tiers) {
    const counted = await limiter?.limit({ key: `${use} ${network}` });
    if (counted?.success === false) {
      return false;
    }
  }
  return true;
}
