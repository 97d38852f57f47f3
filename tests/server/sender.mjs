// Reads lists of [proxies, peer, X-Forwarded-For] as JSON, and writes each sender.

import { createSenderFinder } from "../../worker/server/sender.ts";

const cases = JSON.parse(await new Response(process.stdin).text());
const senders = cases.map(([proxies, peer, forwarded]) =>
  createSenderFinder(proxies, () => undefined)(peer, forwarded ?? undefined),
);
console.log(JSON.stringify(senders));
