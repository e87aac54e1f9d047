/**
 * A number of places, for what may go on at one time.
 *
 * @module
 */

/** Lets at most a number of actions go on at one time; the others wait, first come, first served. */
export class Places {
  #free: number;
  readonly #queue: (() => void)[] = [];

  /** @param count How many there are, 1 or more. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Runs an action once there is a place for it. */
  async take<T>(action: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await action();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
