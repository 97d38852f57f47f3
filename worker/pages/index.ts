/** Puts the pages that people read together with their style sheet. */

import type { Pages } from "../src/publish/pages.ts";
import { renderFieldsPage } from "./fields-page.ts";
import style from "./page.css";
import { renderStatisticsPage } from "./statistics-page.ts";

export const pages: Pages = {
  style,
  renderStatistics: renderStatisticsPage,
  renderFields: renderFieldsPage,
};
