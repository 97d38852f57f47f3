/** Describes OctoPrint as a project. */

import { defineProject } from "usage-receiver";
import { track } from "./track.ts";

export const project = defineProject({
  name: "OctoPrint",
  privacyPage: "https://tracking.octoprint.org/",
  kinds: [track],
  overTime: { field: "version", plural: "versions" },
  texts: { sent: "Each reports every 15 minutes, if its admin has turned that on." },
});
