/** Finds the networks of an address that one sender may own whole. */

export interface Networks {
  /** The IPv4 address itself, or the /64 of an IPv6 address: one access line. */
  readonly narrow: string;
  /** The /24 of an IPv4 address, or the /48 of an IPv6 address: one organization. */
  readonly wide: string;
}

/** All senders without a valid address share these. */
const UNKNOWN: Networks = { narrow: "unknown", wide: "unknown" };

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/i;

/** @param address - IPv4 or IPv6; anything else counts as unknown */
export function listNetworks(address: string): Networks {
  const host = IPV6.test(address) ? `[${address}]` : IPV4.test(address) ? address : "";
  if (!URL.canParse(`http://${host}`)) {
    return UNKNOWN;
  }
  // The URL parser writes each address in one way.
  const { hostname } = new URL(`http://${host}`);
  if (!hostname.startsWith("[")) {
    return networksOfIPv4(hostname.split("."));
  }
  const groups = expandGroups(hostname.slice(1, -1));
  const [high = 0, low = 0] = groups.slice(6).map((group) => parseInt(group, 16));
  return groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff"
    ? networksOfIPv4([high >> 8, high & 255, low >> 8, low & 255])
    : { narrow: groups.slice(0, 4).join(":"), wide: groups.slice(0, 3).join(":") };
}

const networksOfIPv4 = (bytes: readonly (string | number)[]): Networks => ({
  narrow: bytes.join("."),
  wide: bytes.slice(0, 3).join("."),
});

/** Return all eight groups of an IPv6 address. */
function expandGroups(address: string): readonly string[] {
  const [left = [], right = []] = address
    .split("::")
    .map((part) => part.split(":").filter(Boolean));
  return [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
}
