/** Declares what is known of a request's sender, which the runtime finds out. */

export interface Sender {
  /** Its IP address; any other text if the runtime does not know it. */
  readonly address: string;
  /** Two letters of ISO 3166-1; null if the runtime does not know it. */
  readonly country: string | null;
}
