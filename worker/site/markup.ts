/** Writes HTML and SVG in which every text is escaped, unless it is markup already. */

export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | readonly Markup[];

/** A template tag: escapes texts and numbers, and inserts markup unchanged. */
export function markup(fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const written = fixed.map(
    (text, index) => text + (index < parts.length ? write(parts[index] ?? "") : ""),
  );
  return { markup: written.join("") };
}

export const NONE: Markup = { markup: "" };

function write(part: Part): string {
  if (typeof part === "string" || typeof part === "number") {
    return String(part).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
  }
  return "markup" in part ? part.markup : part.map((item) => item.markup).join("");
}
