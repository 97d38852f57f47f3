/** wrangler.jsonc makes it so. */
declare module "*.yaml" {
  const text: string;
  export default text;
}
