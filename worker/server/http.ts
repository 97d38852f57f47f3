/** Serves a receiver over HTTP, with Node's own server. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { IncomingRequest } from "../src/kinds/incoming-request.ts";
import type { RoutedAnswer } from "../src/service/router.ts";
import { log, logRequest } from "./log.ts";

/** The names of this machine. A web page whose own name leads here sends that name instead. */
const LOCAL = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?$/i;
const NULL_BODY = [204, 304];

export type Answer = (request: IncomingRequest, message: IncomingMessage) => Promise<RoutedAnswer>;

/** @param isLocal - whether only requests to this machine's own names are answered */
export const createHttpServer = (answer: Answer, isLocal: boolean): Server =>
  createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 },
    (message, target) => {
      if (isLocal && !LOCAL.test(message.headers.host ?? "")) {
        send(target, new Response("This receiver answers to localhost only.\n", { status: 421 }));
        return;
      }
      void serve(answer, message, target);
    },
  );

async function serve(
  answer: Answer,
  message: IncomingMessage,
  target: ServerResponse,
): Promise<void> {
  const start = performance.now();
  let routed: RoutedAnswer = { response: new Response(null, { status: 500 }), route: null };
  try {
    routed = await answer(new MessageRequest(message), message);
  } catch (error) {
    // Without the message, which may repeat what was sent.
    const [, ...places] = error instanceof Error ? (error.stack?.split("\n    ") ?? []) : [];
    log("error", `the request failed: ${places.slice(0, 3).join(", ")}`);
  }
  const { response, route } = routed;
  await send(target, response).catch(() => target.destroy());
  const ms = Math.round((performance.now() - start) * 10) / 10;
  logRequest({ route, method: message.method ?? "", status: response.status, ms });
}

async function send(target: ServerResponse, response: Response): Promise<void> {
  const body = response.body === null ? null : Buffer.from(await response.arrayBuffer());
  const headers = Object.fromEntries(response.headers);
  if (!NULL_BODY.includes(response.status)) {
    headers["content-length"] = String(body?.length ?? 0);
  }
  target.writeHead(response.status, headers).end(body);
}

class MessageRequest implements IncomingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingRequest["headers"];
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage) {
    const { headers, method = "GET", url = "/" } = message;
    this.#message = message;
    this.method = method;
    // Only the path and the query matter. A proxy's form names a host, which is not ours to trust.
    this.url = url.startsWith("/")
      ? `http://localhost${url}`
      : new URL(url, "http://localhost").href;
    this.headers = {
      get(name) {
        const value = headers[name.toLowerCase()];
        return Array.isArray(value) ? value.join(", ") : (value ?? null);
      },
    };
  }

  get body(): AsyncIterable<Uint8Array> | null {
    const { headers } = this.#message;
    const hasBody = "transfer-encoding" in headers || Number(headers["content-length"]) > 0;
    return hasBody ? this.#message : null;
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    const chunks: Buffer[] = [];
    return new Promise((resolve, reject) => {
      this.#message
        .on("data", (chunk: Buffer) => chunks.push(chunk))
        .on("end", () => resolve(new Uint8Array(Buffer.concat(chunks)).buffer))
        .on("error", reject);
    });
  }
}
