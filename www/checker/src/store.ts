/** A place outside the process where the last state is kept, so that a restart without the server has one. */
export interface Store {
  /** The last state that was put, if any. */
  get(): Promise<Stored | undefined>;
  /** Keeps a state in the place of the last one. */
  put(state: Stored): Promise<void>;
}

/** A state as the server signed it. It is verified again when it is read. */
export interface Stored {
  /** The signed snapshot. */
  readonly snapshot: Uint8Array;
  /** The signed deltas that lead on from it, one after the other. */
  readonly deltas?: readonly Uint8Array[];
  /** Its freshness stamp. */
  readonly stamp: string;
}
