/** Decides whether enough installations changed for an edition to show new numbers. */

/** With fewer changes, the difference between two editions could show one installation's report. */
export const LEAST_CHANGES = 5;

/** The number of changes that also makes the next run count the newest edition again. */
export const COUNTS_AGAIN = LEAST_CHANGES + 1;

/** How the installations of a period changed since its numbers were last counted. */
export interface Changes {
  /** First seen since then. */
  readonly joined: number;
  /** Last seen before the period begins, or forgotten. */
  readonly left: number;
}

/** Whether an edition repeats the numbers of the last one. */
export const repeatsNumbers = ({ joined, left }: Changes): boolean => joined + left < LEAST_CHANGES;
