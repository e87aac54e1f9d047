/**
 * Errors of the operating system in words.
 *
 * @module
 */

/**
 * Why the operating system refused a file operation, in words, or undefined where the error is not
 * the operating system's.
 *
 * @example
 * ```ts
 * import { refusal } from "./refusal.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(refusal(new TypeError("a defect")), undefined);
 * ```
 */
export function refusal(error: unknown): string | undefined {
  if (error instanceof Deno.errors.NotFound) return "there is no such file or folder";
  if (error instanceof Deno.errors.PermissionDenied) return "the system denies permission";
  // Deno gives the errors of system calls a code such as ENOSPC, and ends their message with the call.
  if (error instanceof Error && "code" in error && /^E[A-Z0-9]+$/.test(String(error.code))) {
    return error.message.replace(/: \w+ '.*'$/s, "");
  }
  return undefined;
}
