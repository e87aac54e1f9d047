/**
 * The errors siren raises on purpose. Each message reads "Cannot X: reason (value)"; the remedy, where
 * there is one, is a sentence of its own. Anything else that is thrown is a defect of siren.
 *
 * @module
 */

/** Something a user can understand and mend went wrong. The program exits with {@linkcode SirenError.exitCode}. */
export class SirenError extends Error {
  /** Exit code of the program when this error ends it. */
  readonly exitCode: number = 1;
  /** What to do about it, as one sentence, or undefined where the message says it all. */
  readonly remedy: string | undefined;

  /**
   * @param message "Cannot X: reason (value)".
   * @param remedy One sentence that says what to do.
   * @param options The error that caused this one, if any.
   */
  constructor(message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.remedy = remedy;
  }
}

/** The command line, or the options given to a function, do not make sense. Exit code 2. */
export class UsageError extends SirenError {
  override readonly exitCode = 2;
}

/** A file that was given cannot be used: damaged, of the wrong kind, or at odds with the others. Exit code 3. */
export class InputError extends SirenError {
  override readonly exitCode = 3;
}

/** A run folder is held by another process, belongs to other inputs, or cannot be written. Exit code 4. */
export class RunError extends SirenError {
  override readonly exitCode = 4;
}

/** A cluster cannot be reached, or refuses what is asked of it. Exit code 5. */
export class ClusterError extends SirenError {
  override readonly exitCode = 5;
}

/** A machine does not answer now; it may later. */
export class ConnectionError extends ClusterError {}

/** The user stopped the program (Ctrl-C); what is done is kept. Exit code 130. */
export class InterruptedError extends SirenError {
  override readonly exitCode = 130;
}
