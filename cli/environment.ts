/**
 * Which variables of the environment siren looks at.
 *
 * @module
 */

/** The variables that command lines look at; the launcher permits these. */
export const clientEnvironment = [
  "HOME",
  "USER",
  "LOGNAME",
  "XDG_CONFIG_HOME",
  // Graphics drivers complain where it is not set: it then is, for them.
  "XDG_RUNTIME_DIR",
  "SIREN_CLUSTERS",
  "SSH_AUTH_SOCK",
  "DENO_DIR",
  "PATH",
] as const;
