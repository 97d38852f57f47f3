/**
 * Lets Node run the receiver's source as it is: `node --import register.mjs SCRIPT`.
 *
 * A project's import of `usage-receiver` leads to the source in this folder, without npm.
 * A style sheet is a module that exports its text, as in the bundle for Cloudflare. The wheel has a
 * `.js` for each `.ts`, which Node loads faster.
 */

import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

const ENGINE = "usage-receiver";
const { exports } = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8"));

function resolve(specifier, context, next) {
  if (specifier === ENGINE || specifier.startsWith(`${ENGINE}/`)) {
    const path = exports[`.${specifier.slice(ENGINE.length)}`];
    return path
      ? resolve(new URL(path, import.meta.url).href, context, next)
      : next(specifier, context);
  }
  if (specifier.endsWith(".ts")) {
    const url = new URL(specifier, context.parentURL);
    const built = new URL(url.href.replace(/\.ts$/, ".js"));
    return next((existsSync(url) ? url : built).href, context);
  }
  return next(specifier, context);
}

function load(url, context, next) {
  if (!url.endsWith(".css")) {
    return next(url, context);
  }
  const text = readFileSync(fileURLToPath(url), "utf8");
  return {
    format: "module",
    source: `export default ${JSON.stringify(text)};`,
    shortCircuit: true,
  };
}

registerHooks({ resolve, load });
