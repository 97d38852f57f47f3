/**
 * Draws charts as SVG, without scripts or their own styles.
 *
 * The page's classes give the colours. Widths are percentages and text keeps its size, so that a
 * chart is readable on a phone. The table beside a chart has the same numbers.
 */

import { formatNumber } from "./labels.ts";
import { markup, NONE, type Markup } from "./markup.ts";

export interface Bar {
  readonly label: string;
  readonly count: number;
}

export interface Column {
  /** A month, such as 2026-11. */
  readonly label: string;
  /** Its height. Rounded parts may add up to more or less than that. */
  readonly total: number;
  /** The height of each series, from the bottom up. */
  readonly parts: readonly number[];
}

const ROW_PX = 36;
const LONGEST_LABEL = 32;

/** Draw horizontal bars, each as long as its share of *total*. */
export function drawBars(name: string, title: string, total: number, bars: readonly Bar[]): Markup {
  const rows = bars.map(({ label, count }, index) => {
    const top = index * ROW_PX;
    return markup`<text class="label" x="0" y="${top + 14}">${shorten(label)}</text>
<text class="share" x="100%" y="${top + 14}" text-anchor="end">${formatPercent(count, total)}</text>
<rect class="track" x="0" y="${top + 21}" width="100%" height="7" rx="3.5"/>
<rect class="bar" x="0" y="${top + 21}" width="${toWidth(count, total)}%" height="7" rx="3.5"/>
`;
  });
  const description = "Bars; the numbers are in the table below.";
  return drawImage(name, title, description, bars.length * ROW_PX, rows);
}

const PLOT_PX = 200;
const HEAD_PX = 20;
const FOOT_PX = 38;
const BASE_PX = HEAD_PX + PLOT_PX;

/** Draw stacked columns, with the rest of each total on top. */
export function drawColumns(name: string, title: string, columns: readonly Column[]): Markup {
  const stacks = columns.map(({ total, parts }) => {
    const sum = parts.reduce((before, part) => before + part, 0);
    return [...parts, Math.max(total - sum, 0)];
  });
  const highest = Math.max(...stacks.map((parts) => parts.reduce((a, b) => a + b, 0)), 1);
  const step = 100 / Math.max(columns.length, 6);
  const drawn = columns.map(({ label, total }, index) => {
    const middle = round((index + 0.5) * step);
    const x = round(index * step + step * 0.1);
    let top = BASE_PX;
    const parts = stacks[index] ?? [];
    const stack = parts.map((part, series) => {
      const height = (part / highest) * PLOT_PX;
      top -= height;
      const kind = series === parts.length - 1 ? "rest" : `series-${series}`;
      return height === 0
        ? NONE
        : markup`<rect class="${kind}" x="${x}%" y="${round(top)}" width="${round(step * 0.8)}%" height="${round(Math.max(height - 1, 0.5))}"/>
`;
    });
    const [year = "", month = ""] = label.split("-");
    const monthName = MONTHS[Number(month) - 1] ?? month;
    return markup`${stack}${drawText("share", middle, top - 6, formatCompact(total))}
${drawText("label month", middle, BASE_PX + 16, monthName)}
${index === 0 || month === "01" ? markup`${drawText("share", middle, BASE_PX + 32, year)}\n` : NONE}`;
  });
  const base = markup`<line class="base" x1="0" x2="100%" y1="${BASE_PX}" y2="${BASE_PX}"/>
`;
  const description = "Stacked columns, one a month; the numbers are in the table below.";
  return drawImage(name, title, description, BASE_PX + FOOT_PX, [...drawn, base]);
}

const drawText = (kind: string, x: number, y: number, text: string): Markup =>
  markup`<text class="${kind}" x="${x}%" y="${round(y)}" text-anchor="middle">${text}</text>`;

/** Draw the coloured square of a series in a legend. */
export const drawKey = (kind: string): Markup =>
  markup`<svg width="11" height="11" aria-hidden="true"><rect class="${kind}" width="11" height="11" rx="2"/></svg>`;

function drawImage(
  name: string,
  title: string,
  description: string,
  height: number,
  content: readonly Markup[],
): Markup {
  return markup`<svg role="img" width="100%" height="${height}" aria-labelledby="${name}-title" aria-describedby="${name}-description">
<title id="${name}-title">${title}</title>
<desc id="${name}-description">${description}</desc>
${content}</svg>
`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const round = (value: number): number => Math.round(value * 100) / 100;

/** The share in percent, but never so little that the bar is invisible. */
const toWidth = (count: number, total: number): number =>
  Math.max(round(toShare(count, total) * 100), 0.5);

/** Format a share. Each number is rounded by itself, so a part may be larger than the whole. */
export const formatPercent = (count: number, total: number): string =>
  `${(toShare(count, total) * 100).toFixed(1)}%`;

const toShare = (count: number, total: number): number => Math.min(count / Math.max(total, 1), 1);

const shorten = (text: string): string =>
  [...text].length > LONGEST_LABEL ? `${[...text].slice(0, LONGEST_LABEL - 1).join("")}…` : text;

const formatCompact = (count: number): string =>
  count < 1000
    ? formatNumber(count)
    : new Intl.NumberFormat("en", { notation: "compact" }).format(count);
