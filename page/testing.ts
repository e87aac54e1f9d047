/** Reports for tests of the page's parts. */
import { analyse } from "../core/analysis/analyse.ts";
import { pageData, type ReportData } from "../core/report/page_data.ts";
import { type Report, unpackReport } from "./data.ts";

/** Names of volumes and blocks of {@linkcode testData}. */
export interface TestNames {
  readonly volumes?: (volume: number) => string;
  readonly name?: string;
}

/**
 * The data of a run of so many volumes and blocks: b0 is in seven of eight volumes, each further block in
 * half of those with the one before, and the last excludes the one before it.
 */
export function testData(
  n: number,
  k: number,
  { volumes: nameOf = (volume) => `vol_${String(volume).padStart(3, "0")}.mrc`, name = "run" }:
    TestNames = {},
): ReportData {
  const volumes = Array.from({ length: n }, (_, volume) => nameOf(volume));
  const isThere = (volume: number, block: number) => {
    if (volume % 8 === 7) return false;
    if (block === k - 1 && block > 1) return volume % 8 === 1;
    return block === 0 || volume % 2 ** block === 0;
  };
  const values = Float64Array.from(
    { length: n * k },
    (_, i) => {
      const volume = Math.floor(i / k), block = i % k;
      return isThere(volume, block) ? 0.8 + (volume % 5) / 25 : (volume % 7) / 50;
    },
  );
  const table = {
    volumes,
    regions: Array.from({ length: k }, (_, block) => ({ name: `b${block}`, voxels: 100 - block })),
    values,
  };
  const analysis = analyse(table);
  return {
    name,
    siren: "0.1.0",
    deno: "2.9.6",
    warnings: [],
    grid: { box: 24, apix: 8 },
    union: 1000,
    unassigned: 400,
    blocks: table.regions.map(({ name, voxels }, block) => ({
      id: block,
      name,
      colour: ["#0072b2", "#d55e00", "#009e73", "#cc79a7"][block % 4]!,
      voxels,
      volume: voxels * 512,
      x: block,
      y: 2 * block,
      z: 3 * block,
      voxelX: block / 8,
      voxelY: block / 4,
      voxelZ: block / 2,
      meanOccupancy: 0.5,
      cohesion: 0.9,
    })),
    volumes: volumes.map((file, volume) => ({
      file,
      bytes: 1000 + volume,
      threshold: 0.5,
      occupied: 100 + volume,
      sha256: "ab".repeat(32),
    })),
    leftOut: [],
    analysis,
    options: [{ title: "Sketch", rows: [["bin", "0.5"]] }],
    hashes: [["run.json", "cd".repeat(32)]],
  };
}

/** The same as the page has it. */
export function testReport(n: number, k: number): Report {
  return unpackReport(JSON.parse(JSON.stringify(pageData(testData(n, k)))));
}
