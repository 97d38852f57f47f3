/** Lists values that a contract accepts, for made-up reports. */

const MOST_VALUES = 5;

/** List some values that a field accepts, or its elements if it is a list: the likeliest first. */
export function listValues(contract, { name, schema }) {
  const element = schema.items ?? schema;
  const listed = [element, ...(element.anyOf ?? [])].flatMap((it) => it.enum ?? []);
  const examples = (schema.examples ?? []).flat();
  const isOpen = listed.length === 0 && !schema["x-known"];
  const candidates = [
    ...examples,
    ...(schema["x-known"] ?? []),
    ...listed,
    ...(element.minimum === undefined ? [] : [element.minimum]),
    ...[true, false],
    ...(isOpen ? examples.flatMap(listSuccessors) : []),
  ];
  return [...new Set(candidates)]
    .filter((value) => contract.fits(name, value))
    .slice(0, MOST_VALUES);
}

/** Raise the last but one number of a version, or the only number of another text, if any. */
function listSuccessors(example) {
  const parts = String(example).split(/([0-9]+)/);
  if (parts.length === 1) {
    return [];
  }
  const place = Math.max(parts.length - 4, 1);
  return Array.from({ length: MOST_VALUES - 1 }, (_, index) =>
    parts.with(place, String(Number(parts[place]) + index + 1)).join(""),
  );
}
