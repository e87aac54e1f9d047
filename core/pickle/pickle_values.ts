/**
 * What a Python pickle holds, as plain data.
 *
 * @module
 */

/**
 * A value from a pickle: `null` (None), booleans, numbers, bigints (integers beyond 2^53), strings,
 * `Uint8Array` (bytes), arrays (lists), {@linkcode PickleTuple}, `Map` (dicts), `Set`,
 * {@linkcode GlobalName}, and what the handlers of allowed globals made. Lists and dicts may hold
 * themselves, and one another many times over: look at a value's type before anything else is done with it.
 */
export type PickleValue = unknown;

/** A tuple. */
export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** An allowed global that a pickle names. */
export class GlobalName {
  constructor(
    /** Module and name, as in `torch.FloatStorage`. */
    readonly name: string,
    readonly allowed: AllowedGlobal,
  ) {}
}

/** What takes the place of an allowed global. What is absent is refused where a pickle asks for it. */
export interface AllowedGlobal {
  /** Stands in for calling it, or for making an object of it. */
  readonly make?: (args: readonly PickleValue[]) => PickleValue;
  /** Stands in for setting the state of what `make` made. */
  readonly build?: (made: object, state: PickleValue) => void;
}

/** The globals that a pickle may name, by module and name: `collections.OrderedDict`. */
export type AllowedGlobals = ReadonlyMap<string, AllowedGlobal>;
