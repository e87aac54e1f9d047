/**
 * Compiles `kernel.as` and embeds the module in `kernel.ts`.
 *
 *     deno task wasm [--check]
 *
 * With `--check` nothing is written: it fails if `kernel.ts` is not what `kernel.as` compiles to.
 *
 * @module
 */
import asc from "assemblyscript/asc";

const source = new URL("./kernel.as", import.meta.url);
const target = new URL("./kernel.ts", import.meta.url);

/** Compiles the kernel to a WebAssembly module. */
async function compile(text: string): Promise<Uint8Array> {
  const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--importMemory"];
  let module: Uint8Array | undefined;
  const { error, stderr } = await asc.main(["kernel.ts", "--outFile", "kernel.wasm", ...options], {
    readFile: (name) => name === "kernel.ts" ? text : null,
    writeFile: (_name, contents) => {
      module = contents as Uint8Array; // The compiler's only output here is binary.
    },
    listFiles: () => [],
  });
  if (error !== null || module === undefined) {
    throw new Error(`Cannot compile kernel.as: ${error?.message}\n${stderr}`);
  }
  return module;
}

/** The text of `kernel.ts`. */
function embed(module: Uint8Array): string {
  const lines = module.toBase64().match(/.{1,92}/g) ?? [];
  return `// Made from kernel.as by \`deno task wasm\`: change that, not this.

/** The co-occupancy kernel: a WebAssembly module (with SIMD), in base64. */
export const kernel = [
${lines.map((line) => `  "${line}",\n`).join("")}].join("");
`;
}

const text = embed(await compile(await Deno.readTextFile(source)));
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(target, text);
} else if (await Deno.readTextFile(target) !== text) {
  console.error("kernel.ts is not what kernel.as compiles to: run build.ts without --check.");
  Deno.exit(1);
}
