/** Finds the address of a request's sender, which only the rate limits read (decision S7). */

import { BlockList, isIP } from "node:net";
import type { Sender } from "../src/kinds/sender.ts";

/**
 * Return a function that finds the sender from the peer's address and X-Forwarded-For.
 *
 * Each proxy appends the address that it sees to X-Forwarded-For, so only what trusted proxies
 * appended can be believed: the sender is the right-most address that is not a trusted proxy. From
 * any other peer the header is ignored, because anyone can send it.
 *
 * @param proxies - addresses and networks of trusted proxies
 * @param warn - gets a line, once, if a peer that is not trusted sends the header
 * @throws Error - if an address or a network is not valid
 */
export function createSenderFinder(
  proxies: readonly string[],
  warn: (line: string) => void,
): (peer: string, forwarded: string | undefined) => Sender {
  const trusted = new BlockList();
  for (const proxy of proxies) {
    addProxy(trusted, proxy);
  }
  const isTrusted = (address: string): boolean =>
    proxies.length > 0 && isIP(address) !== 0 && trusted.check(address, familyOf(address));
  let hasWarned = false;

  return (peer, forwarded) => {
    const own = readAddress(peer);
    if (forwarded !== undefined && isTrusted(own)) {
      const addresses = [...forwarded.split(",").map(readAddress), own];
      const sender = addresses.findLast((address) => !isTrusted(address)) ?? addresses[0]!;
      return { address: sender, country: null };
    }
    if (forwarded !== undefined && !hasWarned) {
      hasWarned = true;
      warn(
        "X-Forwarded-For is ignored: it came from a peer that is not a trusted proxy. If this " +
          "server is behind a proxy, name the proxy's address with --trusted-proxy.",
      );
    }
    return { address: own, country: null };
  };
}

const familyOf = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");

/** Add an address, or a network such as `10.0.0.0/8`. Node throws if it is not valid. */
function addProxy(trusted: BlockList, proxy: string): void {
  const [, address = "", bits = null] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(proxy) ?? [];
  try {
    const family = familyOf(address);
    trusted.addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  } catch {
    throw new Error(
      `--trusted-proxy ${proxy}: this is not an IP address or a network. ` +
        "Write it like 127.0.0.1, 10.0.0.0/8 or fd00::/8.",
    );
  }
}

/** Read an address without its port and its interface: `[fe80::1%eth0]:443`. */
function readAddress(text: string): string {
  const [, inBrackets, plain] = /^\[([^\]]*)\]|^([^:]*)(?::\d+)?$/.exec(text.trim()) ?? [];
  return (inBrackets ?? plain ?? text.trim()).split("%", 1)[0]!;
}
