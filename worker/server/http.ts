/** Serves a receiver over HTTP, with Node's own server. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { IncomingRequest } from "../src/kinds/incoming-request.ts";
import type { RoutedAnswer } from "../src/service/router.ts";
import { findPlaces, log, logRequest } from "./log.ts";

/** The names of this machine. A web page whose own name leads here sends that name instead. */
const LOCAL = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?$/i;

const ORIGIN = "http://localhost";
const OPTIONS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Longer than a proxy keeps a connection that it does not use.
  keepAliveTimeout: 150_000,
  connectionsCheckingInterval: 5000,
};
/** For clients that do not read their answer. */
const IDLE_MS = 180_000;

export type Answer = (request: MessageRequest) => Promise<RoutedAnswer>;

/** @param isLocal - whether only requests to this machine's own names are answered */
export function createHttpServer(answer: Answer, isLocal: boolean): Server {
  const server = createServer(OPTIONS, (message, target) => {
    const [status, text] = refuse(message, isLocal);
    if (text) {
      target.writeHead(status).end(`${text}\n`);
    } else {
      void serve(answer, message, target);
    }
  });
  // Node would close the connection without an answer.
  server.on("connect", (_message, socket) => {
    socket.end("HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\n\r\n");
  });
  // A client that says it sends no more still gets its answer.
  Object.assign(server, { httpAllowHalfOpen: true });
  return server.setTimeout(IDLE_MS);
}

/** Find why a request that Node's parser accepts is refused: a status and a reason. */
function refuse({ headers, url = "" }: IncomingMessage, isLocal: boolean): [number, string?] {
  if (isLocal && !LOCAL.test(headers.host ?? "")) {
    return [421, "This receiver answers to localhost only."];
  }
  if (!url.startsWith("/") && !URL.canParse(url, ORIGIN)) {
    return [400, "The request target is not valid."];
  }
  const coding = headers["transfer-encoding"] ?? "chunked";
  return /^chunked$/i.test(coding) ? [200] : [501, "The only transfer coding is chunked."];
}

async function serve(answer: Answer, message: IncomingMessage, target: ServerResponse) {
  const start = performance.now();
  let route: string | null = null;
  try {
    const routed = await answer(new MessageRequest(message));
    route = routed.route;
    await send(target, routed.response);
  } catch (error) {
    log("error", `a request failed ${findPlaces(error)}`);
    target.writeHead(500).end();
  }
  const ms = Math.round((performance.now() - start) * 10) / 10;
  logRequest({ route, method: message.method, status: target.statusCode, ms });
}

async function send(target: ServerResponse, response: Response): Promise<void> {
  const { status, body, headers } = response;
  const bytes = body === null ? null : new Uint8Array(await response.arrayBuffer());
  target.setHeaders(headers);
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
  readonly headers = {
    get: (name: string): string | null => {
      const value = this.message.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(", ") : (value ?? null);
    },
  };

  constructor(message: IncomingMessage) {
    const { method = "GET", url = "/" } = message;
    this.message = message;
    this.method = method;
    // Only the path and the query matter. A proxy's form of them has a host before.
    this.url = url.startsWith("/") ? ORIGIN + url : new URL(url, ORIGIN).href;
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
