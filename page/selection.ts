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

/**
 * A block's cutoff with as few digits as tell the same volumes apart.
 *
 * @returns The number as text.
 */
export function cutoffText(report: Report, block: number): string {
  const cutoff = report.cutoffs[block]!;
  const k = report.blocks.length;
  const isSame = (short: number) =>
    report.volumes.every((_, volume) => {
      const share = report.values[volume * k + block]!;
      return (share >= short) === (share >= cutoff);
    });
  for (let digits = 1; digits < 17; digits++) {
    const short = Number(cutoff.toPrecision(digits));
    if (isSame(short)) return String(short);
  }
  return String(cutoff);
}

/**
 * A selection as `--where` of `siren volumes` and `siren particles` takes it.
 *
 * @returns Undefined where volumes were picked that no condition is known for.
 */
export function whereText(report: Report, { blocks, volumes }: Selection): string | undefined {
  const parts = Array.from(
    blocks,
    ([block, wish]) =>
      `${report.blocks[block]!.name} ${wish === "present" ? ">=" : "<"} ${
        cutoffText(report, block)
      }`,
  );
  if (volumes === null) return parts.join(" && ");
  const picked = pickedText(report, volumes);
  if (picked === undefined) return undefined;
  const isOr = picked.includes("||") && parts.length > 0;
  return [...parts, isOr ? `(${picked})` : picked].join(" && ");
}

/** Picked volumes as a condition: whole clusters, or all that is junk. */
function pickedText(report: Report, volumes: ReadonlySet<number>): string | undefined {
  const { clusters, junk } = report;
  if (volumes.size === 0) return undefined;
  if (junk.length === volumes.size && junk.every(({ volume }) => volumes.has(volume))) {
    return "junk";
  }
  const whole = new Set(Array.from(volumes, (volume) => clusters[volume]!));
  const members = clusters.filter((cluster) => whole.has(cluster)).length;
  if (members !== volumes.size) return undefined;
  return Array.from(whole).sort((a, b) => a - b).map((cluster) => `cluster == ${cluster}`)
    .join(" || ");
}

/** What a reader may copy. */
export interface Commands {
  /** Lists the selected volumes; absent where no condition is known for them. */
  readonly volumes?: string;
  /** Writes their particles. */
  readonly particles: string;
}

/** Stands in a command for what the page does not know. */
const REST = "--cryodrgn CRYODRGN_FOLDER --outdir particles";

/** The commands for a selection of a run in a folder. */
export function commandsOf(report: Report, selection: Selection, folder: string): Commands {
  const run = quoteForShell(folder);
  const where = whereText(report, selection);
  if (where !== undefined) {
    const condition = `${run} --where ${quoteForShell(where)}`;
    return {
      volumes: `siren volumes ${condition}`,
      particles: `siren particles ${condition} ${REST}`,
    };
  }
  const names = Array.from(
    volumesOf(report, selection) ?? [],
    (volume) => report.volumes[volume]!.file,
  );
  // What a list in a word cannot hold, one in a file can.
  const isPlain = names.length > 0 && names.every((name) => !/[,\s]/.test(name));
  const list = isPlain ? quoteForShell(names.join(",")) : "volumes.txt";
  return { particles: `siren particles --volumes ${list} ${REST}` };
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
