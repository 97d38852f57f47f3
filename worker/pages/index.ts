/** The package `usage-receiver/pages`: the pages that people read, and their style sheet. */

import type { Pages } from "../src/publish/pages.ts";
import { renderFieldsPage } from "./fields-page.ts";
import style from "./page.css";
import { renderStatisticsPage } from "./statistics-page.ts";

export const pages: Pages = {
  style,
  renderStatistics: renderStatisticsPage,
  renderFields: renderFieldsPage,
};
