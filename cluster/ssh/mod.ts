/**
 * Login nodes over SSH.
 *
 * @module
 */
export { connectSsh } from "./connect.ts";
export type { Question, SshSettings, SshSurroundings } from "./settings.ts";
