/** How much memory a process takes at most. */

/** Largest resident memory of a process in bytes, as Linux counts it; looked at until it is asked for. */
export function watchMemory(pid: number): () => Promise<number> {
  let peak = 0, ended = false;
  const look = async () => {
    while (!ended) {
      const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(gone);
      peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const looking = look();
  return async () => {
    ended = true;
    await looking;
    return peak;
  };
}

/** The process may have ended since it was last looked at. */
function gone(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "";
  throw error;
}
