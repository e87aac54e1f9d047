/**
 * `siren view`: a run's report in the browser.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { resolve, sep } from "node:path";
import { z } from "zod";
import { RunError } from "../core/errors.ts";
import { quoteForShell } from "../core/shell.ts";
import { countReader, textReader } from "./arguments.ts";
import type { Tell } from "./cluster_side.ts";
import { type Context, readJobFlags, surroundingsOf, tellNews } from "./job.ts";
import { needPermissions } from "./permissions.ts";

const FlagsSchema = z.object({
  port: z.number().default(0),
  no_browser: z.boolean().default(false),
});

/** Programs that open an address in the user's browser: of WSL, of Linux, of macOS. */
const OPENERS = ["wslview", "xdg-open", "open"] as const;

/** Milliseconds in which an opener that can do nothing has said so. */
const PATIENCE = 3000;

/** Makes the command. */
export function view(context: Context): CommandUnknownOpts {
  const { io } = context;
  const command: CommandUnknownOpts = new Command("view")
    .summary("open a run's report in the browser")
    .description(
      "Writes the report of a run where it is missing or out of date, serves it to browsers on this machine " +
        "alone, and opens it. It is served until Ctrl-C; nothing else of this machine can be had there.",
    )
    .argument("<run>", "run folder with blocks", textReader("run"))
    .addOption(
      new Option("--port <number>", "port to serve on; default 0, any that is free")
        .argParser(countReader("--port", 0, 65535)),
    )
    .addOption(new Option("--no_browser", "only say where the report is"))
    .addOption(new Option("--quiet", "no progress; the address, warnings and errors only"))
    .addHelpText(
      "after",
      `
Examples:
  siren view out
  siren view out --no_browser --port 8000     on a server; then, where you sit:
  ssh -L 8000:127.0.0.1:8000 server           and open the address that siren told`,
    );
  needPermissions(command, ({ no_browser }) => no_browser === true ? ["net"] : ["net", "run"]);
  return command.action(async () => {
    const folder = String(command.processedArgs[0]);
    const { port, no_browser } = FlagsSchema.parse(command.opts());
    const { quiet } = readJobFlags(command);
    const { servePage } = await import("../cluster/serve_page.ts");
    const html = await tellNews(
      io,
      quiet,
      undefined,
      (tell) => currentReport(context, command, folder, tell),
    );
    const path = `${resolve(folder)}/report.html`.replaceAll(sep, "/");
    const page = servePage(html, path.startsWith("/") ? path : `/${path}`, port, io.signal);
    io.stdout.write(`${page.url}\n`);
    const isOpen = !no_browser && await openBrowser(page.url, io.signal);
    if (!isOpen) {
      io.stderr.write(
        `Open this address in a browser on this machine. From another one, first: ` +
          `ssh -L ${page.port}:127.0.0.1:${page.port} ${quoteForShell(io.hostname())}\n`,
      );
    }
    io.stderr.write("Ctrl-C ends it.\n");
    await page.finished;
    io.signal.throwIfAborted();
  });
}

/** The report as the run is now. Where it cannot be kept in the run folder it is shown all the same. */
async function currentReport(
  context: Context,
  command: CommandUnknownOpts,
  folder: string,
  tell: Tell,
): Promise<string> {
  const { makeReport, readReport, keepReport } = await import("../cluster/report.ts");
  const there = await readReport(folder);
  if (there !== undefined) return there;
  const surroundings = surroundingsOf(context, readJobFlags(command), tell);
  const report = await makeReport(folder, surroundings);
  try {
    await keepReport(folder, report, surroundings);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const text = [`The report is shown but not kept. ${error.message}.`, error.remedy].join(" ");
    tell({ kind: "warning", text });
  }
  return report.html;
}

/**
 * Opens an address in the user's browser.
 *
 * @returns Whether a program took it. There may be none, or no screen.
 */
async function openBrowser(url: string, signal: AbortSignal): Promise<boolean> {
  for (const program of OPENERS) {
    try {
      const child = new Deno.Command(program, {
        args: [url],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      child.unref();
      // Some end at once, others when the browser does.
      const status = await Promise.race([child.status, pause(PATIENCE, signal)]);
      if (status === undefined || status.success) return true;
    } catch (error) {
      const isMissing = error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied;
      if (!isMissing) throw error;
    }
  }
  return false;
}

/** Waits so many milliseconds, or until the signal. */
function pause(milliseconds: number, signal: AbortSignal): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), milliseconds);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve(undefined);
  }, { once: true });
  return promise;
}
