// Reads lists of [proxies, peer, X-Forwarded-For] as JSON, and writes the address of each sender.

import { createSenderFinder } from "../../worker/server/sender.ts";

const cases = JSON.parse(await new Response(process.stdin).text());
const addresses = cases.map(
  ([proxies, peer, forwarded]) =>
    createSenderFinder(proxies, () => undefined)(peer, forwarded ?? undefined).address,
);
console.log(JSON.stringify(addresses));
