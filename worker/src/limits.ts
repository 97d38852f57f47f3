/** How much one sender, and all of them together, may ask of the database. */

import type { Env } from "./env";

/**
 * Whether *request* is within the limits, which the platform counts at each of
 * its locations. The sender's address is looked at for this and nothing else.
 */
export async function withinLimits(request: Request, env: Env): Promise<boolean> {
  try {
    return await counted(request, env);
  } catch {
    // A limiter that fails lets everyone in: the database still counts once in seven days.
    console.error("limits: the platform's limiter failed");
    return true;
  }
}

async function counted(request: Request, env: Env): Promise<boolean> {
  const address = request.headers.get("CF-Connecting-IP") ?? "";
  // The address first, so that one sender cannot use up what all may ask.
  const mine = await env.LIMIT_ADDRESS?.limit({ key: network(address) });
  if (mine?.success === false) {
    return false;
  }
  const all = await env.LIMIT_ALL?.limit({ key: "all" });
  return all?.success !== false;
}

/** An IPv4 address as it is; of IPv6 the /64, all of which one sender has to itself. */
function network(address: string): string {
  if (!address.includes(":")) {
    return address;
  }
  const [head = "", tail] = address.split("::");
  const left = groups(head);
  const right = groups(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(8 - left.length - right.length, 0);
  return [...left, ...Array<string>(zeros).fill("0"), ...right].slice(0, 4).join(":");
}

const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
