/**
 * What this processor could do at best, on one thread, to compare engines with:
 *
 *     deno run --allow-read --allow-write --allow-env --allow-run bench/limits/limits.ts
 *
 * It takes a C compiler.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { findCompiler } from "../../core/cooccupancy/native/build.ts";
import { RunError } from "../../core/errors.ts";

/** Numbers of volumes that pairs are counted at. */
export const limitVolumes = [512, 1024, 2048] as const;

const PacesSchema = z.tuple([z.number(), z.number(), z.number()]);
const LimitsSchema = z.strictObject({
  popcountVectors: PacesSchema.nullable(),
  popcountScalar: PacesSchema,
  ternaryLogic: z.number().nullable(),
  logic128: z.number(),
});

/** What one thread can do at best in a second of CPU time. */
export interface Limits {
  /**
   * Pairs that a bare loop of AND and AVX-512 VPOPCNTDQ counts, over a tile in the second-level
   * cache, at {@linkcode limitVolumes}; null where the processor lacks it.
   */
  readonly popcountVectors: readonly [number, number, number] | null;
  /** The same of AND and population count of 64 bits at a time. */
  readonly popcountScalar: readonly [number, number, number];
  /**
   * AVX-512 ternary logic instructions, from registers, as full adders need them; null where the
   * processor lacks them. Bit-sliced counting takes 2 for 512 pairs and each volume of a list.
   */
  readonly ternaryLogic: number | null;
  /**
   * Logical instructions of 128 bits, from registers. Bit-sliced counting in WebAssembly takes 5 for
   * 128 pairs and each volume of a list.
   */
  readonly logic128: number;
}

/**
 * Measures the limits of this processor; takes about a second.
 *
 * @returns undefined where there is no C compiler.
 */
export async function measureLimits(): Promise<Limits | undefined> {
  let compiler: string[];
  try {
    compiler = await findCompiler(Deno.env.get("CC"));
  } catch (error) {
    if (error instanceof RunError) return undefined;
    throw error;
  }
  const source = fileURLToPath(new URL("limits.c", import.meta.url));
  const folder = await Deno.makeTempDir({ prefix: "siren_limits_" });
  try {
    const program = `${folder}/limits`;
    await run([...compiler, "-O3", source, "-o", program]);
    return LimitsSchema.parse(JSON.parse(await run([program])));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run([command = "", ...args]: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, stdin: "null" })
    .output();
  const text = new TextDecoder();
  if (!success) throw new Error(`Cannot measure limits: ${command} fails:\n${text.decode(stderr)}`);
  return text.decode(stdout);
}

if (import.meta.main) {
  const limits = await measureLimits();
  if (limits === undefined) {
    console.error("There is no C compiler: install one, or name it in the variable CC.");
    Deno.exit(1);
  }
  const billions = (rate: number | undefined) => rate === undefined ? "-" : (rate / 1e9).toFixed(2);
  const { popcountVectors, popcountScalar, ternaryLogic, logic128 } = limits;
  console.log("Billions in a second of CPU time, one thread:\n");
  console.log(`| pairs, volumes: | ${limitVolumes.join(" | ")} |`);
  console.log("| --- | --- | --- | --- |");
  const row = (name: string, rate: (i: number, volumes: number) => number | undefined) =>
    console.log(`| ${name} | ${limitVolumes.map((n, i) => billions(rate(i, n))).join(" | ")} |`);
  row("AND and population count, 64 bits", (i) => popcountScalar[i]);
  row("AND and population count, AVX-512", (i) => popcountVectors?.[i]);
  row(
    "bit-sliced, lists of half of the volumes, 128 bits",
    (_, volumes) => logic128 / 5 * 128 / (volumes / 2),
  );
  row(
    "bit-sliced, lists of half of the volumes, AVX-512",
    (_, volumes) => ternaryLogic === null ? undefined : ternaryLogic / 2 * 512 / (volumes / 2),
  );
  console.log(`\nlogic of 128 bits ${billions(logic128)}`);
  if (ternaryLogic !== null) console.log(`ternary logic of 512 bits ${billions(ternaryLogic)}`);
}
