/**
 * Decides whether a contract may use a pattern.
 *
 * A pattern must mean the same in Python and in JavaScript, and no text may take very long. The
 * reporter decides the same: one table of cases holds for both (tests/contract_cases.json).
 */

/**
 * The patterns that list characters, and mean the same in Python and in JavaScript: about those
 * that JSON Schema recommends (section 6.4 of its core), without `.`, `\d` and `[^a]`. Python
 * reserves `--`, `&&`, `||` and `~~` in a class for operations on sets.
 */
const PORTABLE =
  /^\^(?:(?:[^\\^$.*+?()[\]{}|]|\\[\\^$.*+?()[\]{}|/]|\[(?!\^)(?:(?!--|&&|\|\||~~)[^\\[\]]|\\[\\[\]^-])+\]|\))(?:(?:[*+?]|\{[0-9]{1,4}(?:,[0-9]{0,4})?\})\??)?|\((?:\?:)?|\|)*\$$/u;

/** An atom, the beginning or end of a group, a quantifier, or `|`. */
const TOKEN = /\\.|\[(?:\\.|[^\]])+\]|\(\?:|[*+?]\??|\{[0-9,]+\}\??|./gsu;

const QUANTIFIER = /^[*+?{]/;
const isAtom = (part: string): boolean => !/^[()*+?{]/.test(part);
const VARIES = /^(?:[*+?|]|\{.*,)/;

export function isSupported(pattern: unknown): boolean {
  if (typeof pattern !== "string" || !PORTABLE.test(pattern)) {
    return false;
  }
  try {
    return new RegExp(pattern, "u").unicode && !canExplode(pattern);
  } catch {
    return false;
  }
}

/**
 * Whether *pattern* repeats a group that matches a text in many ways.
 *
 * `(a+)+` does: each further character of a text that does not match doubles the time.
 */
function canExplode(pattern: string): boolean {
  const groups: string[][] = [[]];
  const tokens = pattern.slice(1, -1).match(TOKEN) ?? [];
  for (const [index, token] of tokens.entries()) {
    if (token === "(" || token === "(?:") {
      groups.push([]);
    } else if (token === ")") {
      const parts = groups.pop()!;
      if (/^[*+{]/.test(tokens[index + 1] ?? "") && !isClear(parts)) {
        return true;
      }
      groups.at(-1)!.push("(", ...parts.map((it) => (it === "|" ? "?" : it)), ")");
    } else {
      groups.at(-1)!.push(token);
    }
  }
  return false;
}

/**
 * Whether it is clear where each repetition of *group* ends.
 *
 * It is if all repetitions are of the same shape, or if each begins or ends with a character that
 * nothing else in the group matches.
 */
function isClear(group: readonly string[]): boolean {
  if (!group.some((it) => VARIES.test(it))) {
    return true;
  }
  const ends = [QUANTIFIER.test(group[1] ?? "") ? -1 : 0, group.length - 1];
  // Ranges overlap only if one contains the other's first character.
  const characters = [...group.join("")];
  const overlap = (one: string, another: string): boolean => {
    const both = [one, another].map((it) => new RegExp(`^${it}$`, "u"));
    return characters.some((it) => both.every((atom) => atom.test(it)));
  };
  return (
    !group.includes("|") &&
    ends.some(
      (end) =>
        isAtom(group[end] ?? "(") &&
        !group.some((it, index) => index !== end && isAtom(it) && overlap(group[end]!, it)),
    )
  );
}
