/**
 * Receives reports exactly as the spec describes: validates, runs SELECT, then INSERT.
 *
 * - Request header `Measure-D1`: adds the next one. Timed requests do not have it.
 * - Response header `Round-Trips`: D1's metadata of each statement of each round trip, as JSON.
 */

interface Env {
  readonly DB: D1Database;
}

const FIELDS = [
  ...["uuid", "version", "channel", "commit", "build_date", "install_type", "arch"],
  ...["python", "database", "doc_bucket", "multi_user", "feature_mail", "feature_ai"],
];
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const VERSION = /^\d+\.\d+\.\d+$/;
const CHANNELS = new Set<unknown>(["stable", "beta", "dev"]);
const INSTALL_TYPES = new Set<unknown>([
  ...["kubernetes", "podman", "docker", "nixos", "snap", "flatpak", "distro"],
  ...["release", "source"],
]);
const WEEK_MS = 7 * 86_400_000;
const INSERT = `INSERT INTO reports (received, ${FIELDS.map((name) => `"${name}"`).join(", ")})
  VALUES (?, ${FIELDS.map(() => "?").join(", ")})`;

export default {
  async fetch(request, env) {
    const text = await request.text();
    if (text.length > 4096) {
      return new Response(null, { status: 400 });
    }
    let report: Record<string, unknown>;
    try {
      report = JSON.parse(text);
    } catch {
      return new Response(null, { status: 400 });
    }
    if (
      !UUID4.test(String(report["uuid"])) ||
      !VERSION.test(String(report["version"])) ||
      !CHANNELS.has(report["channel"]) ||
      !INSTALL_TYPES.has(report["install_type"]) ||
      report["arch"] === undefined
    ) {
      return new Response(null, { status: 400 });
    }
    const trips: D1Meta[][] = [];
    const now = new Date();
    const { results, meta } = await env.DB.prepare(
      "SELECT received FROM reports WHERE uuid = ? ORDER BY received DESC LIMIT 1",
    )
      .bind(report["uuid"])
      .all<{ received: string }>();
    trips.push([meta]);
    const last = results[0]?.received;
    const waitMs = last === undefined ? 0 : Date.parse(last) + WEEK_MS - now.getTime();
    let answer: Response;
    if (waitMs > 0) {
      const retry_after_days = Math.ceil(waitMs / 86_400_000);
      const body = { error: "already_submitted", last_sent: last, retry_after_days };
      answer = Response.json(body, { status: 429 });
    } else {
      const values = FIELDS.map((name) => toColumn(report[name]));
      const inserted = await env.DB.prepare(INSERT)
        .bind(now.toISOString(), ...values)
        .run();
      trips.push([inserted.meta]);
      answer = new Response(null, { status: 204 });
    }
    if (request.headers.has("Measure-D1")) {
      answer.headers.set("Round-Trips", JSON.stringify(trips));
    }
    return answer;
  },
} satisfies ExportedHandler<Env>;

const toColumn = (value: unknown): unknown =>
  value === undefined ? null : typeof value === "boolean" ? Number(value) : value;
