/** The package `usage-receiver/cloudflare`: a receiver as a Worker, with the database D1. */

import { createReceiver, type Receiver } from "./receiver.ts";
import type { Env } from "./src/kinds/env.ts";
import type { Sender } from "./src/kinds/sender.ts";
import type { RoutedProject } from "./src/service/own-routes.ts";

/** The functions that Cloudflare calls. */
export interface Worker {
  fetch(request: Request, env: Env): Promise<Response>;
  scheduled(controller: ScheduledController, env: Env): Promise<void>;
}

/**
 * Create a project's Worker: it answers requests, and counts and purges once a day.
 *
 * Only the entry point of a project imports this module: a style sheet needs a bundler.
 */
export const createWorker = (project: RoutedProject): Worker => toWorker(createReceiver(project));

/** Run *receiver* as a Worker. */
export const toWorker = (receiver: Receiver): Worker => ({
  fetch: async (request, env) => {
    const { response } = await receiver.answer(request, env, readSender(request));
    return response;
  },
  scheduled: async (controller, env) => {
    await receiver.runDaily(env, new Date(controller.scheduledTime));
  },
});

const readSender = ({ headers, cf }: Request): Sender => ({
  address: headers.get("CF-Connecting-IP") ?? "",
  country: (cf?.country as string | undefined) ?? null,
});
