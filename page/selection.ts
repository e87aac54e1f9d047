/**
 * What is selected, and what follows from it.
 *
 * @module
 */
import { quoteForShell } from "../core/shell.ts";
import type { Report } from "./data.ts";

/** How a block shall be in the volumes. */
export type Wish = "present" | "absent";

/** What the reader has selected. */
export interface Selection {
  /** Blocks, and how each shall be. */
  readonly blocks: ReadonlyMap<number, Wish>;
  /** Volumes that were picked themselves; null where they follow from the blocks. */
  readonly volumes: ReadonlySet<number> | null;
  /** What the picked volumes are, in words: "cluster 3". */
  readonly source: string;
}

/** Nothing is selected. */
export const NOTHING: Selection = { blocks: new Map(), volumes: null, source: "" };

/** Whether nothing is selected. */
export function isNothing({ blocks, volumes }: Selection): boolean {
  return blocks.size === 0 && volumes === null;
}

/** The volumes of a selection, by place; null where nothing is selected. */
export function volumesOf(report: Report, selection: Selection): ReadonlySet<number> | null {
  if (isNothing(selection)) return null;
  const { blocks, volumes } = selection;
  const chosen = new Set<number>();
  const k = report.blocks.length;
  for (let volume = 0; volume < report.volumes.length; volume++) {
    if (volumes !== null && !volumes.has(volume)) continue;
    let isMeant = true;
    for (const [block, wish] of blocks) {
      isMeant &&= (report.presence[volume * k + block] === 1) === (wish === "present");
    }
    if (isMeant) chosen.add(volume);
  }
  return chosen;
}

/** The blocks' part of a selection as `siren volumes --where` takes it. */
export function whereText(report: Report, { blocks }: Selection): string {
  return Array.from(blocks, ([block, wish]) => {
    const { name } = report.blocks[block]!;
    return `${name} ${wish === "present" ? ">=" : "<"} ${report.cutoffs[block]}`;
  }).join(" && ");
}

/** The command that gives the selected volumes, for the run in a folder. */
export function commandOf(report: Report, selection: Selection, folder: string): string {
  const run = quoteForShell(folder);
  if (selection.volumes === null) {
    return `siren volumes ${run} --where ${quoteForShell(whereText(report, selection))}`;
  }
  const names = Array.from(
    volumesOf(report, selection) ?? [],
    (volume) => report.volumes[volume]!.file,
  );
  return `siren volumes ${run} --volumes ${quoteForShell(names.join(","))}`;
}

/** The same selection with a block added, changed or taken away; alone, it takes the place of all. */
export function toggleBlock(
  selection: Selection,
  block: number,
  isAdding: boolean,
  wish: Wish = "present",
): Selection {
  const { blocks } = selection;
  if (!isAdding) {
    const isAlone = blocks.size === 1 && blocks.get(block) === wish && selection.volumes === null;
    return isAlone ? NOTHING : { ...NOTHING, blocks: new Map([[block, wish]]) };
  }
  const changed = new Map(blocks);
  if (changed.get(block) === wish) changed.delete(block);
  else changed.set(block, wish);
  return { ...selection, blocks: changed };
}

/** A selection of blocks, all present; or, adding, these too. */
export function pickBlocks(
  selection: Selection,
  blocks: readonly number[],
  isAdding: boolean,
): Selection {
  const picked = new Map(blocks.map((block): [number, Wish] => [block, "present"]));
  return isAdding
    ? { ...selection, blocks: new Map([...selection.blocks, ...picked]) }
    : { ...NOTHING, blocks: picked };
}

/** A selection of volumes; or, adding, these too. */
export function pickVolumes(
  selection: Selection,
  volumes: Iterable<number>,
  source: string,
  isAdding: boolean,
): Selection {
  if (!isAdding || selection.volumes === null) {
    return { blocks: isAdding ? selection.blocks : new Map(), volumes: new Set(volumes), source };
  }
  return {
    ...selection,
    volumes: new Set([...selection.volumes, ...volumes]),
    source: `${selection.source}, ${source}`,
  };
}

/** Whole numbers as ranges: "0-4,9". */
export function formatRanges(numbers: Iterable<number>): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let i = 0; i < sorted.length;) {
    let end = i;
    while (sorted[end + 1] === sorted[end]! + 1) end++;
    ranges.push(end === i ? `${sorted[i]}` : `${sorted[i]}-${sorted[end]}`);
    i = end + 1;
  }
  return ranges.join(",");
}

/** The numbers of ranges below a limit; what is no range is left out. */
export function parseRanges(text: string, limit: number): number[] {
  return text.split(",").flatMap((range) => {
    const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(range) ?? [];
    if (from === undefined) return [];
    const end = Math.min(Number(to), limit - 1);
    return Array.from({ length: Math.max(0, end - Number(from) + 1) }, (_, i) => Number(from) + i);
  });
}
