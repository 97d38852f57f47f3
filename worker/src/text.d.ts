/** What a text file is to whoever imports it: wrangler.jsonc makes it so. */
declare module "*.yaml" {
  const text: string;
  export default text;
}

declare module "*.css" {
  const text: string;
  export default text;
}
