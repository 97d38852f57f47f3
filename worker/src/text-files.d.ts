/** Types for the text files that a project's entry point imports, as wrangler.jsonc sets them. */

declare module "*.yaml" {
  const text: string;
  export default text;
}
