/** Renders the head of the receiver's pages: a style sheet, and nothing that is loaded. */

import type { Project } from "../src/kinds/project.ts";
import { markup, type Markup } from "./markup.ts";
import style from "./page.css";

export const renderHead = (
  title: string,
  description: string,
  { name, paths }: Project,
): Markup => markup`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${description}">
<title>${title} – ${name}</title>
<link rel="alternate" type="application/json" href="${paths.json}">
<style>${{ markup: style }}</style>
</head>`;
