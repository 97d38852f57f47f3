/** Types the page's style sheet, which wrangler.jsonc imports as text. */

declare const style: string;
export default style;
