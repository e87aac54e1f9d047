/**
 * `siren report`: a run as one page.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import type { WrittenReport } from "../cluster/report.ts";
import { quoteForShell } from "../core/shell.ts";
import { textReader } from "./arguments.ts";
import {
  addOutputFlags,
  type Context,
  forceFlag,
  OutputFlagsSchema,
  printSummary,
  surroundingsOf,
  tellNews,
} from "./job.ts";
import { formatBytes, formatCounted } from "./table.ts";

const FlagsSchema = OutputFlagsSchema.extend({ outfile: z.string().optional() });

/** Makes the command. */
export function report(context: Context): CommandUnknownOpts {
  const { io } = context;
  const command: CommandUnknownOpts = new Command("report")
    .summary("write a run as one page, to look at and to send")
    .description(
      "Writes one HTML file with all that a run found: its blocks in 3-D, occupancies, clusters of volumes, " +
        "the order of assembly, distributions, options and hashes, and every table to save. Whatever is " +
        "selected in one figure is selected in all, and comes out as a command. The page needs no internet " +
        "and loads nothing; any browser shows it.",
    )
    .argument("<run>", "run folder with blocks", textReader("run"))
    .addOption(
      new Option("--outfile <file>", "file to write; default RUN/report.html")
        .argParser(textReader("--outfile")).helpGroup("Output:"),
    )
    .addOption(forceFlag("replace a file that siren did not write, or that was changed"))
    .addHelpText(
      "after",
      `
Examples:
  siren report out
  siren report out --outfile ribosome.html

Clusters and presence are those of RUN/03_analysis where siren analyse has been run, else those of
its defaults. siren view RUN opens the report in a browser.`,
    );
  addOutputFlags(command);
  return command.action(async () => {
    const folder = String(command.processedArgs[0]);
    const { outfile, force, json, quiet } = FlagsSchema.parse(command.opts());
    const { writeReport } = await import("../cluster/report.ts");
    const result = await tellNews(io, quiet, undefined, (tell) => {
      const place = { force, ...outfile === undefined ? {} : { outfile } };
      return writeReport(folder, place, surroundingsOf(context, {}, tell));
    });
    printSummary(io, { json, quiet }, result, (result) => formatReport(result, folder));
  });
}

function formatReport(
  { report, bytes, volumes, blocks, warnings }: WrittenReport,
  folder: string,
): string {
  const told = warnings.map(({ text, remedy }) => `- ${text}${remedy ? ` ${remedy}` : ""}\n`);
  return `${formatCounted(blocks, "block")} in ${formatCounted(volumes, "volume")}\n` +
    (told.length === 0 ? "" : `\nTo know first:\n${told.join("")}\n`) +
    `Report: ${report} (${formatBytes(bytes)})\n` +
    `Open it in a browser, or: siren view ${quoteForShell(folder)}\n`;
}
