/**
 * Compiles `kernel.cu` to PTX and embeds it in `kernel_ptx.ts`.
 *
 *     deno task cuda [--check]
 *
 * It needs nvcc and ptxas (CUDA 13.0; others make PTX that differs). nvcc writes the version and target of
 * PTX that belong to itself, which old drivers refuse, so both are lowered to the least that the
 * instructions need; that this is so is proved by assembling the result for all cards in use, because ptxas
 * refuses what a version does not have.
 *
 * With `--check` nothing is written: it fails if `kernel_ptx.ts` is not what `kernel.cu` compiles to.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";

const source = new URL("./kernel.cu", import.meta.url);
const target = new URL("./kernel_ptx.ts", import.meta.url);
/** Compute capabilities of cards in use: Turing to Blackwell. */
const CARDS = [75, 80, 86, 89, 90, 100, 120];

/** What is compiled by itself, and the least PTX that has its instructions. */
interface Part {
  readonly only: "ONLY_PLAIN" | "ONLY_TENSOR";
  /** The least that nvcc compiles for. */
  readonly compiledFor: number;
  readonly version: string;
  readonly target: number;
}

const PLAIN: Part = { only: "ONLY_PLAIN", compiledFor: 75, version: "6.0", target: 70 };
/** mma.m16n8k32 of bytes came with PTX 7.0, for 8.0. */
const TENSOR: Part = { only: "ONLY_TENSOR", compiledFor: 80, version: "7.0", target: 80 };

async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr, stdout } = await new Deno.Command(program, { args: [...args] }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  throw new Error(`Cannot compile kernel.cu: ${program} ${args.join(" ")} failed:\n${said}`);
}

/** Compiles a part, without what the compiler says of itself. */
async function compile({ only, compiledFor, version, target }: Part, folder: string) {
  const path = `${folder}/${only}.ptx`;
  const options = ["-std=c++17", "-O3", `-D${only}`, `-arch=compute_${compiledFor}`];
  await run("nvcc", ["-ptx", ...options, fileURLToPath(source), "-o", path]);
  const lines = (await Deno.readTextFile(path)).split("\n")
    .filter((line) => line.trim() !== "" && !line.trimStart().startsWith("//"))
    .map((line) => line.startsWith(".version") ? `.version ${version}` : line)
    .map((line) => line.startsWith(".target") ? `.target sm_${target}` : line);
  const ptx = lines.join("\n") + "\n";
  await Deno.writeTextFile(path, ptx);
  for (const card of CARDS.filter((card) => card >= target)) {
    await run("ptxas", [`-arch=sm_${card}`, path, "-o", `${folder}/${only}.cubin`]);
  }
  return ptx;
}

async function sha256(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function embed(name: string, what: string, ptx: string): string {
  const lines = new Uint8Array(gzipSync(ptx, { level: 9 })).toBase64().match(/.{1,92}/g) ?? [];
  return `
/** ${what}: PTX, as gzip in base64. */
export const ${name} = [
${lines.map((line) => `  "${line}",\n`).join("")}].join("");
`;
}

async function compileAll() {
  const folder = await Deno.makeTempDir();
  try {
    return {
      hash: await sha256(await Deno.readTextFile(source)),
      plain: await compile(PLAIN, folder),
      tensor: await compile(TENSOR, folder),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const { hash, plain, tensor } = await compileAll();
if (!Deno.args.includes("--check")) {
  const text = `// Made from kernel.cu by \`deno task cuda\`: change that, not this.

/** SHA-256 of the kernel.cu that this was made from. */
export const kernelHash = "${hash}";
${embed("plainPtx", "All kernels but linksByTensor", plain)}${
    embed("tensorPtx", "linksByTensor, for compute capability 8.0 and newer", tensor)
  }`;
  await Deno.writeTextFile(target, text);
} else {
  const embedded: typeof import("./kernel_ptx.ts") = await import(target.href);
  const unpack = (packed: string) => gunzipSync(Uint8Array.fromBase64(packed)).toString();
  if (
    embedded.kernelHash !== hash || unpack(embedded.plainPtx) !== plain ||
    unpack(embedded.tensorPtx) !== tensor
  ) {
    console.error("kernel_ptx.ts is not what kernel.cu compiles to: run build.ts without --check.");
    Deno.exit(1);
  }
}
