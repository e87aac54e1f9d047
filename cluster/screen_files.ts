/**
 * The files of a screen: tables, a picture, and the blocks of the recommended setting.
 *
 * @module
 */
import { formatSvg } from "../core/report/mod.ts";
import { formatScreenCsv, screenArrow, screenPicture } from "../core/stability/mod.ts";
import type { MakeFile } from "./result_files.ts";
import type { ScreenSummary } from "./screen.ts";
import type { ThreadPool } from "./threads/pool.ts";

/** Names of the files that there will be. */
export function screenNames(): string[] {
  return ["screen.csv", "screen.arrow", "screen.json", "screen.svg", "screen.png", "blocks.json"];
}

/**
 * The files.
 *
 * @param blocks Those of the recommended setting: flat indices of their voxels.
 * @param pool Threads that paint the picture.
 */
export function screenFiles(
  summary: Omit<ScreenSummary, "folder" | "files" | "engine">,
  blocks: readonly { readonly id: number; readonly voxels: Uint32Array }[],
  pool: () => ThreadPool,
): Map<string, MakeFile> {
  const { rows } = summary;
  return new Map<string, MakeFile>([
    ["screen.csv", () => formatScreenCsv(rows)],
    ["screen.arrow", () => screenArrow(rows)],
    ["screen.json", () => JSON.stringify(summary, undefined, 1) + "\n"],
    ["screen.svg", () => formatSvg(screenPicture(rows))],
    ["screen.png", async () => {
      const { png } = await pool().run("drawPng", { drawing: screenPicture(rows) });
      return png;
    }],
    ["blocks.json", () => {
      return JSON.stringify(
        Object.fromEntries(blocks.map(({ id, voxels }) => [id, Array.from(voxels)])),
      );
    }],
  ]);
}
