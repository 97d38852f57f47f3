/** Checks a request against the rate limits: per sender, and for all senders together. */

/** Cloudflare's rate limiters; absent where nothing is limited. */
export interface RateLimits {
  readonly LIMIT_ADDRESS?: RateLimit;
  readonly LIMIT_ALL?: RateLimit;
}

/**
 * Whether *request* is within the limits. Cloudflare counts at each of its locations.
 *
 * Nothing else reads the sender's address (decision S7).
 */
export async function isWithinLimits(request: Request, limits: RateLimits): Promise<boolean> {
  try {
    return await countRequest(request, limits);
  } catch {
    // Accept the request: the database still stores one report in seven days.
    console.error("limits: the platform's limiter failed");
    return true;
  }
}

async function countRequest(request: Request, limits: RateLimits): Promise<boolean> {
  const address = request.headers.get("CF-Connecting-IP") ?? "";
  // The address first, so that one sender cannot use up the limit for all.
  const perAddress = await limits.LIMIT_ADDRESS?.limit({ key: networkOf(address) });
  if (perAddress?.success === false) {
    return false;
  }
  const overall = await limits.LIMIT_ALL?.limit({ key: "all" });
  return overall?.success !== false;
}

/** Return an IPv4 address unchanged, or the /64 of an IPv6 address, which one sender may own. */
function networkOf(address: string): string {
  if (!address.includes(":")) {
    return address;
  }
  const [head = "", tail] = address.split("::");
  const left = splitGroups(head);
  const right = splitGroups(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(8 - left.length - right.length, 0);
  return [...left, ...Array<string>(zeros).fill("0"), ...right].slice(0, 4).join(":");
}

const splitGroups = (part: string): string[] => (part === "" ? [] : part.split(":"));
