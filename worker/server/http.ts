/** Serves a receiver over HTTP, with Node's own server. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { IncomingRequest } from "../src/kinds/incoming-request.ts";
import type { RoutedAnswer } from "../src/service/router.ts";
import { log, logRequest } from "./log.ts";

/** The names of this machine. A web page whose own name leads here sends that name instead. */
const LOCAL = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?$/i;

export type Answer = (request: MessageRequest) => Promise<RoutedAnswer>;

/** @param isLocal - whether only requests to this machine's own names are answered */
export const createHttpServer = (answer: Answer, isLocal: boolean): Server =>
  createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 },
    (message, target) => {
      if (isLocal && !LOCAL.test(message.headers.host ?? "")) {
        target.writeHead(421).end("This receiver answers to localhost only.\n");
      } else {
        void serve(answer, message, target);
      }
    },
  );

async function serve(
  answer: Answer,
  message: IncomingMessage,
  target: ServerResponse,
): Promise<void> {
  const start = performance.now();
  let route: string | null = null;
  try {
    const routed = await answer(new MessageRequest(message));
    route = routed.route;
    await send(target, routed.response);
  } catch (error) {
    // Only the places: the message may repeat what was sent.
    const places = String(error instanceof Error && error.stack)
      .split("\n    ")
      .slice(1, 4);
    log("error", `a request failed ${places.join(", ")}`);
    target.writeHead(500).end();
  }
  const ms = Math.round((performance.now() - start) * 10) / 10;
  logRequest({ route, method: message.method, status: target.statusCode, ms });
}

async function send(target: ServerResponse, response: Response): Promise<void> {
  const { status, body, headers } = response;
  const bytes = body === null ? null : new Uint8Array(await response.arrayBuffer());
  for (const [name, value] of headers) {
    target.setHeader(name, value);
  }
  if (status !== 204 && status !== 304) {
    target.setHeader("Content-Length", bytes?.length ?? 0);
  }
  target.writeHead(status).end(bytes);
}

/** A request, as the receiver reads it. */
export class MessageRequest implements IncomingRequest {
  readonly message: IncomingMessage;
  readonly method: string;
  readonly url: string;

  constructor(message: IncomingMessage) {
    const { method = "GET", url = "/" } = message;
    this.message = message;
    this.method = method;
    // Only the path and the query matter. A proxy's form of them has a host before.
    this.url = url.startsWith("/")
      ? `http://localhost${url}`
      : new URL(url, "http://localhost").href;
  }

  get headers(): IncomingRequest["headers"] {
    return this;
  }

  get(name: string): string | null {
    const value = this.message.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(", ") : (value ?? null);
  }

  get body(): AsyncIterable<Uint8Array> | null {
    const { headers } = this.message;
    const hasBody = "transfer-encoding" in headers || Number(headers["content-length"]) > 0;
    return hasBody ? this.message : null;
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    const chunks: Buffer[] = [];
    return new Promise((resolve, reject) => {
      this.message
        .on("data", (chunk: Buffer) => chunks.push(chunk))
        .on("end", () => resolve(new Uint8Array(Buffer.concat(chunks)).buffer))
        .on("error", reject);
    });
  }
}
