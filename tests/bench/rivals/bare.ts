/** Answers every request with 204, to measure the cost of the runtime alone. */

export default {
  fetch: () => new Response(null, { status: 204 }),
} satisfies ExportedHandler;
