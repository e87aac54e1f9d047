/**
 * The program `siren`.
 *
 * @module
 */
import { findCommand, normaliseArguments } from "./arguments.ts";
import { type ClusterSide, clusterSide } from "./cluster_side.ts";
import { type Io, Stop, systemIo } from "./io.ts";
import { tellError } from "./messages.ts";
import { buildProgram } from "./program.ts";

/**
 * Runs a command line.
 *
 * @param args The words after the program's name.
 * @param cluster The cluster's side; tests give another.
 * @returns The exit code: 0; 1 where doctor finds something missing, 2 for a command line that makes no sense, 3 for input, 4 for a run folder
 *   that cannot be used, 5 for a cluster; 70 for a defect of siren, 74 where the system refuses; 75 for a worker that left before its time was
 *   over; 130 and 143 when stopped.
 */
export async function main(
  args: readonly string[],
  io: Io,
  cluster: ClusterSide = clusterSide,
): Promise<number> {
  let exitCode = 0;
  const program = buildProgram({ io, args, cluster, end: (code) => exitCode = code });
  const words = normaliseArguments(args, program);
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (error) {
    return tellError(error, io, findCommand(program, words));
  }
}

/** Shows the cursor and wraps lines again, as the bars would have done at their end. */
const RESTORE_TERMINAL = "\x1b[?25h\x1b[?7h\n";

if (import.meta.main) {
  const stop = new AbortController();
  const io = systemIo(stop.signal);
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => {
      const reason = new Stop(name);
      if (stop.signal.aborted) {
        if (io.stderr.isTerminal) io.stderr.write(RESTORE_TERMINAL);
        Deno.exit(reason.exitCode);
      }
      stop.abort(reason);
    });
  }
  Deno.exit(await main(Deno.args, io));
}
