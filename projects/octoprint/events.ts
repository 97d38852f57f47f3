/** Defines the events that are counted without an ID, and reads them from a request. */

import { defineEvents, type SentEvent } from "usage-receiver";
import schemas from "./events.schema.json" with { type: "json" };
import { parseInteger, type Track } from "./facts.ts";

const COUNT = { count: 1 } as const;
const PRINT = { sums: { count: 1, seconds: "elapsed" }, pairs: [["origin"]] } as const;
const PLUGIN = { sums: COUNT, pairs: [["plugin"]] } as const;
const UPDATE = { sums: COUNT, pairs: [["target", "to_version"]] } as const;

export const events = defineEvents(schemas, {
  print_started: { sums: COUNT, pairs: [["origin"]] },
  print_done: PRINT,
  print_cancelled: PRINT,
  print_failed: { ...PRINT, pairs: [...PRINT.pairs, ["reason"]] },
  printer_connected: {
    sums: COUNT,
    pairs: [["firmware_name", "printer_connector"], ["printer_baudrate"]],
  },
  install_plugin: PLUGIN,
  uninstall_plugin: PLUGIN,
  enable_plugin: PLUGIN,
  disable_plugin: PLUGIN,
  update_successful: UPDATE,
  update_failed: UPDATE,
  system_throttled: {
    sums: COUNT,
    pairs: [["throttled_voltage_now", "throttled_overheat_now"]],
  },
  system_unthrottled: {
    sums: COUNT,
    pairs: [["throttled_voltage_past", "throttled_overheat_past"]],
  },
  commerror: { sums: COUNT, pairs: [["reason"]] },
  printer_safety_warning: {
    sums: COUNT,
    pairs: [["printer_safety_warning_type", "printer_safety_check_name"]],
  },
  achievement_unlocked: { sums: COUNT, pairs: [["achievement"]] },
  slicing_started: { sums: COUNT, pairs: [["slicer"]] },
  webui_load: {
    sums: COUNT,
    pairs: [
      ["browser_name", "os_name"],
      ["browser_name", "browser_version"],
    ],
  },
  shutdown: { sums: COUNT, pairs: [] },
});

/** Its name ends with the reason, and may be any text. */
const ERROR = /^commerror_(.*)$/;

/** List the event of a request. An event that is not defined above is not counted. */
export function listEvents(report: unknown): readonly SentEvent[] {
  const { event, fields } = report as Track;
  const [, reason] = ERROR.exec(event) ?? [];
  if (reason !== undefined) {
    return [{ name: "commerror", properties: { reason } }];
  }
  // OctoPrint sends two events for a print that was cancelled.
  const isCounted = !(event === "print_failed" && fields["reason"] === "cancelled");
  // Only with a reason in its name is it one of OctoPrint's.
  return isCounted && event !== "commerror"
    ? [{ name: event, properties: readProperties(fields) }]
    : [];
}

/** Read the values that Python's `str` wrote. The contract drops what does not fit. */
function readProperties(fields: Track["fields"]): object {
  const properties = Object.entries(fields).map(([name, text]) => [name, readValue(name, text)]);
  return Object.fromEntries(properties);
}

function readValue(name: string, text: string): unknown {
  switch (name) {
    case "elapsed":
    case "printer_baudrate":
      return parseInteger(text);
    case "browser_version":
      return parseInteger(text.split(".")[0]);
    default:
      return text === "True" ? true : text === "False" ? false : text;
  }
}
