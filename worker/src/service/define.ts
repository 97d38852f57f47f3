/** Completes the declarations of a project and its report kinds with defaults. */

import { standardProjectAnswers } from "../http/answers.ts";
import { readJson } from "../http/json-body.ts";
import { standardReportAnswers } from "../http/report-answers.ts";
import { createContract } from "../kinds/contract.ts";
import { completeCounters, type Counters } from "../kinds/counters.ts";
import type { Schema } from "../kinds/keywords.ts";
import type { LatestStorage, OnceStorage, ReportKind } from "../kinds/kind.ts";
import type { ProjectAnswers, ProjectPaths, ProjectTexts } from "../kinds/project.ts";
import { readPublishedFields } from "../kinds/published-fields.ts";
import type { ReportAnswers } from "../kinds/report-answers.ts";
import { EVENTS_KEY, listSentEvents } from "../kinds/sent-events.ts";
import type { Route, RoutedProject } from "./own-routes.ts";

/** What a project declares; the rest has defaults. */
interface KindDeclaration extends Partial<
  Omit<ReportKind, "answers" | "contract" | "counters" | "published" | "storage">
> {
  readonly name: string;
  /**
   * By default in the table `counters`, kept as long as reports; every report is added, with the
   * events under its key `events`.
   */
  readonly counters?: Pick<Counters, "events"> & Partial<Counters>;
  readonly answers?: Partial<ReportAnswers>;
  readonly schema: object & { readonly "x-once-in-days"?: number };
  readonly storage:
    Omit<OnceStorage, "days"> | (Omit<LatestStorage, "perHour"> & Partial<LatestStorage>);
}

/** The spec's 4 KB, in bytes. */
const MOST_BYTES = 4096;
/** Enough for a report with 100 events of 600 bytes. */
const MOST_BYTES_WITH_EVENTS = 65_536;
/** Fewer cannot hold a whole body of that size. */
const MOST_VALUES = 4096;
/** A year, with a day to spare. */
const RETENTION_DAYS = 366;

/** @throws Error - if the schema uses a keyword that the receiver does not enforce */
export function defineReportKind({ storage, ...declared }: KindDeclaration): ReportKind {
  const { name, schema } = declared;
  const days = schema["x-once-in-days"];
  if ((storage.mode === "once") !== (days !== undefined)) {
    throw new Error(
      `The report kind ${name} needs x-once-in-days in its schema with the storage mode once, ` +
        "and must not have it with the mode latest.",
    );
  }
  const routes = declared.routes ?? [`/${name}`];
  const contract = createContract(schema);
  const retentionDays = declared.retentionDays ?? RETENTION_DAYS;
  const counters = declared.counters
    ? {
        ...{ table: "counters", retentionDays, once: null, list: listSentEvents },
        ...declared.counters,
      }
    : null;
  const hasEvents = counters?.list === listSentEvents;
  if (hasEvents && Object.hasOwn((schema as Schema).properties ?? {}, EVENTS_KEY)) {
    throw new Error(
      `The report kind ${name} has a field called ${EVENTS_KEY}, which is the key of the events ` +
        "that it counts. Rename the field, or declare `list` in its counters.",
    );
  }
  if (counters?.once && storage.mode === "once") {
    throw new Error(`The report kind ${name} counts once only with the storage mode latest.`);
  }
  return {
    schemaPath: `${routes[0]}.schema.json`,
    countedFrom: "first report",
    methods: ["POST"],
    read: readJson,
    maxBytes: hasEvents ? MOST_BYTES_WITH_EVENTS : MOST_BYTES,
    maxValues: MOST_VALUES,
    mediaTypes: ["application/json"],
    lengthRequired: false,
    lossyText: false,
    authorize: null,
    limitById: false,
    transform: null,
    operation: {},
    ...declared,
    answers: { ...standardReportAnswers, ...declared.answers },
    counters: counters && completeCounters(counters, contract),
    routes,
    retentionDays,
    contract,
    storage:
      storage.mode === "once" ? { days: days ?? 0, ...storage } : { perHour: null, ...storage },
    published: readPublishedFields(contract.leaves),
  };
}

const PATHS: ProjectPaths = {
  page: "/",
  json: "/stats",
  csv: "/stats.csv",
  badge: "/badge",
  fields: "/fields",
  months: "/stats/{month}.json",
  weeks: "/stats/weeks.json",
  weeksCsv: "/stats/weeks.csv",
};

const SENT = "Reports are voluntary.";
const COUNTED: Readonly<Record<ReportKind["storage"]["mode"], string>> = {
  once: "Each installation counts once, with its latest report of the period.",
  latest:
    "Each installation counts once. It counts for a period if it first reported before the end, " +
    "and last reported in the period or later. What counts is its newest report when the period " +
    "was counted, even one from after the end.",
};
const VOLUNTARY = "Reports are voluntary, so there are more installations than these numbers show.";

interface ProjectDeclaration extends Omit<
  RoutedProject,
  "counted" | "texts" | "paths" | "routes" | "answers"
> {
  /** By default, the first kind. */
  readonly counted?: ReportKind;
  readonly texts?: Partial<ProjectTexts>;
  readonly paths?: Partial<ProjectPaths>;
  readonly routes?: readonly Route[];
  readonly answers?: Partial<ProjectAnswers>;
}

/** @throws Error - if there is no report kind */
export function defineProject({
  texts,
  paths,
  answers,
  ...declared
}: ProjectDeclaration): RoutedProject {
  const [counted] = declared.kinds;
  if (counted === undefined) {
    throw new Error(`The project ${declared.name} has no report kind.`);
  }
  const { mode } = (declared.counted ?? counted).storage;
  return {
    counted,
    routes: [],
    ...declared,
    texts: { sent: SENT, counted: `${COUNTED[mode]} ${VOLUNTARY}`, ...texts },
    paths: { ...PATHS, ...paths },
    answers: { ...standardProjectAnswers, ...answers },
  };
}
