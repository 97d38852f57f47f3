/** Describes in OpenAPI the parameters of a path. */

/** List the parameters of *path*, such as `{uuid}`. */
export const listParameters = (path: string): readonly object[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
