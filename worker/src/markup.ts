/** HTML and SVG, in which every text is escaped unless it is markup already. */

export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | readonly Markup[];

/** A template in which parts are texts, or markup made by this same function. */
export function markup(fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return {
    markup: fixed
      .map((text, index) => text + (index < parts.length ? write(parts[index] ?? "") : ""))
      .join(""),
  };
}

export const NONE: Markup = { markup: "" };

function write(part: Part): string {
  if (typeof part === "string" || typeof part === "number") {
    return String(part).replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  }
  return "markup" in part ? part.markup : part.map((one) => one.markup).join("");
}
