/** Turns the fields that OctoPrint sends into the facts of an instance, without any I/O. */

/** The fields of a query or a form. */
export type Fields = Readonly<Record<string, string>>;

/** An event of an instance. It has the facts too, if it is one that carries them. */
export interface Track {
  readonly id: string;
  readonly event: string;
  readonly fields: Fields;
}

/** The events that carry facts. */
const WITH_FACTS = new Set(["pong", "startup"]);
/** Stands for any larger number, which would identify a machine. */
const MOST_CORES = 16;
const GIB = 2 ** 30;
const SIZES_GIB = [0.5, 1, 2, 4, 8, 16, 32];

/** @param country - where the request came from, if the runtime knows it */
export function buildTrack(
  id: string,
  event: string,
  sent: Fields,
  country: string | undefined,
): Track {
  // OctoPrint writes Python's None for what it does not know.
  const known = Object.entries(sent).filter(([, text]) => text !== "None");
  const fields: Fields = Object.fromEntries(known);
  // The last ones win, so no field of the request takes their place.
  return { ...(WITH_FACTS.has(event) && { ...readFacts(fields), country }), id, event, fields };
}

/** Leave out any of the fields that the contract does not name. */
function readFacts(fields: Fields): object {
  const { bits, cores, ram, plugins, achievements } = fields;
  return {
    ...fields,
    bits: parseInteger(bits),
    cores: capCores(parseInteger(cores)),
    ram: findSize(parseInteger(ram)),
    pi_model: fields["pi_model"]?.replace(/ Rev [0-9.]+$/, ""),
    // Before it are the versions of OctoPi and OctoPrint.
    octopiuptodate_build: fields["octopiuptodate_build"]?.split("-").at(-1),
    plugins: splitList(plugins)?.flatMap(readPlugin),
    achievements: splitList(achievements),
  };
}

/** Parse a whole number without a sign; undefined for any other text. */
export const parseInteger = (text: string | undefined): number | undefined =>
  text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;

const capCores = (cores: number | undefined): number | undefined =>
  cores === undefined ? undefined : Math.min(cores, MOST_CORES);

/** Round up to the memory that machines are sold with; some of it is never free to use. */
function findSize(bytes: number | undefined): string | undefined {
  if (!bytes) {
    return undefined;
  }
  const size = SIZES_GIB.find((gib) => bytes <= gib * GIB);
  return size === undefined ? "more than 32" : String(size);
}

const splitList = (text: string | undefined): readonly string[] | undefined =>
  text?.split(",").filter(Boolean);

/** Keep the identifier of a plugin: `octolapse:0.4.5`. A version with a comma has a part without one. */
const readPlugin = (plugin: string): readonly string[] =>
  plugin.includes(":") ? plugin.split(":", 1) : [];
