/** Types the page's style sheet, which runtimes import as text. */

declare const style: string;
export default style;
