/**
 * How fast maps become bits, beside how fast they can be read at all:
 *
 *     deno task bench:reading [THREADS]
 *
 * Writes some 600 MB of maps to a temporary folder, reads each once, so that what is timed comes from
 * the system's file cache, and takes the best of three. Rates are MB of voxels per second and thread:
 * of a gzipped map, those that come out of it. The limits are the same reads without the work, and
 * with SHA-256 alone. At the end: bits of 500 maps of 256^3 turned into the union's matrix.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { threadPool } from "../cluster/threads/pool.ts";
import { dataBytes, encodeHeader, makeHeader, streamFileSync } from "../core/mrc/mod.ts";
import { random } from "../core/random.ts";
import { comparer, union, wordsFor } from "../core/volumes/mod.ts";

const THRESHOLD = 0.5;
const KINDS = [
  { name: "128^3, 32-bit floats", box: 128, mode: 2, maps: 8, gzip: false },
  { name: "256^3, 32-bit floats", box: 256, mode: 2, maps: 4, gzip: false },
  { name: "256^3, 32-bit floats, axes z, y, x", box: 256, mode: 2, maps: 1, gzip: false },
  { name: "256^3, 16-bit floats", box: 256, mode: 12, maps: 4, gzip: false },
  { name: "128^3, 32-bit floats, gzipped", box: 128, mode: 2, maps: 4, gzip: true },
] as const;

/** Largest memory that the process has had, in MiB. */
function peakMiB(): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

/** Writes a map: a ball of density 1 in noise. */
function writeMap(path: string, kind: typeof KINDS[number], seed: number): void {
  const { box, mode, gzip, name } = kind;
  const axes = name.includes("axes") ? { mapc: 3, mapr: 2, maps: 1 } : {};
  const header = makeHeader({ nx: box, ny: box, nz: box, mode, ...axes });
  const rng = random(seed);
  const noise = Float32Array.from({ length: 65537 }, () => 0.2 * (rng.uniform() - 0.5));
  const plane = mode === 12 ? new Float16Array(box * box) : new Float32Array(box * box);
  const bytes = new Uint8Array(1024 + dataBytes(header));
  bytes.set(encodeHeader(header));
  for (let z = 0; z < box; z++) {
    for (let i = 0; i < plane.length; i++) {
      const x = i % box, y = Math.floor(i / box);
      const inside = Math.hypot(x - box / 2, y - box / 2, z - box / 2) < box / 4;
      plane[i] = (inside ? 1 : 0) + noise[(z * plane.length + i) % noise.length]!;
    }
    bytes.set(new Uint8Array(plane.buffer), 1024 + z * plane.byteLength);
  }
  Deno.writeFileSync(path, gzip ? gzipSync(bytes, { level: 1 }) : bytes);
}

/** Least seconds of three. */
async function best(work: () => Promise<unknown> | unknown): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    await work();
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}

/** Times one kind of maps in a process of its own, so that its memory is that of the reading. */
async function measure(folder: string, kind: typeof KINDS[number], threads: number) {
  const { box, mode, maps } = kind;
  const paths = Array.from({ length: maps }, (_, i) => `${folder}/${i}.mrc`);
  const megabytes = maps * dataBytes(makeHeader({ nx: box, ny: box, nz: box, mode })) / 1e6;
  const { buffer } = comparer();
  const read = await best(() => paths.forEach((path) => streamFileSync(path, () => {}, buffer)));
  const hashed = await best(() => {
    for (const path of paths) {
      const hash = createHash("sha256");
      streamFileSync(path, (bytes) => hash.update(bytes), buffer);
      hash.digest("hex");
    }
  });
  const wordsPerVolume = wordsFor(box ** 3);
  const copies = maps * threads;
  const words = new Uint32Array(new SharedArrayBuffer(4 * wordsPerVolume * copies));
  const before = peakMiB();
  using pool = threadPool(threads, new AbortController().signal);
  pool.share("volumes", { words, wordsPerVolume, box });
  // Each thread has as much to do as one alone.
  const inputs = Array.from({ length: copies }, (_, row) => ({
    path: paths[row % maps]!,
    row,
    threshold: THRESHOLD,
  }));
  const whole = await best(() => pool.map("readVolume", inputs, () => {}));
  return {
    "maps": kind.name,
    threads,
    "read": Math.round(megabytes / read),
    "read + SHA-256": Math.round(megabytes / hashed),
    "read + SHA-256 + bits": Math.round(megabytes / whole),
    "MiB before": before,
    "MiB at most": peakMiB(),
  };
}

/** Times the union of 500 maps of 256^3 whose particle is a ball of about a million voxels. */
function measureUnion() {
  const box = 256, maps = 500, wordsPerVolume = wordsFor(box ** 3);
  const ball = new Uint32Array(wordsPerVolume);
  for (let v = 0; v < box ** 3; v++) {
    const [z, y, x] = [v >> 16, v >> 8 & 255, v & 255];
    if (Math.hypot(z - 128, y - 128, x - 128) < 62) ball[v >> 5]! |= 1 << (v & 31);
  }
  const rng = random(1);
  const patterns = Uint32Array.from({ length: 4096 }, () => rng.integer(2 ** 32));
  const bits = new Uint32Array(new SharedArrayBuffer(4 * wordsPerVolume * maps));
  for (let k = 0; k < maps; k++) {
    for (let w = 0; w < wordsPerVolume; w++) {
      bits[k * wordsPerVolume + w] = ball[w]! & patterns[(w + 31 * k) % 4096]!;
    }
  }
  const before = peakMiB();
  const start = performance.now();
  const { voxels, matrix } = union(bits, wordsPerVolume, [...Array(maps).keys()], maps, true);
  return {
    "union voxels": voxels.length,
    "seconds": Number(((performance.now() - start) / 1000).toFixed(2)),
    "MiB of bits": bits.byteLength >> 20,
    "MiB of matrix": matrix.words.byteLength >> 20,
    "MiB before": before,
    "MiB at most": peakMiB(),
  };
}

/** Runs this file once more with other arguments, and gives what it printed. */
async function again(...args: string[]): Promise<Record<string, unknown>> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", import.meta.filename!, ...args],
    stderr: "inherit",
  });
  const { success, stdout } = await command.output();
  if (!success) throw new Error(`Cannot measure ${args.join(" ")}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

if (import.meta.main) {
  const [first, kindIndex, folder, threads] = Deno.args;
  if (first === "union") console.log(JSON.stringify(measureUnion()));
  else if (first === "kind") {
    const kind = KINDS[Number(kindIndex)]!;
    console.log(JSON.stringify(await measure(folder!, kind, Number(threads))));
  } else {
    const most = Number(first ?? navigator.hardwareConcurrency);
    const table = [];
    for (const [index, kind] of KINDS.entries()) {
      const folder = await Deno.makeTempDir({ prefix: "siren_bench_" });
      try {
        for (let i = 0; i < kind.maps; i++) writeMap(`${folder}/${i}.mrc`, kind, i);
        for (const threads of new Set([1, most])) {
          table.push(await again("kind", String(index), folder, String(threads)));
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }
    console.table(table);
    console.table([await again("union")]);
  }
}
