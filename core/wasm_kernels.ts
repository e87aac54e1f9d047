/**
 * Compiles the WebAssembly kernels: each `wasm/kernel.as` into the `wasm/kernel.ts` beside it.
 *
 *     deno task wasm [--check]
 *
 * With `--check` nothing is written: it fails if a `kernel.ts` is not what its `kernel.as` compiles to.
 *
 * @module
 */
import asc from "assemblyscript/asc";

/** Folders in which a kernel lies, and what its module is called. */
const KERNELS = [
  ["cooccupancy/wasm", "The co-occupancy kernel"],
  ["volumes/wasm", "The binarising kernel"],
] as const;

/** Compiles a kernel to a WebAssembly module. */
async function compile(text: string, name: string): Promise<Uint8Array> {
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
    throw new Error(`Cannot compile ${name}: ${error?.message}\n${stderr}`);
  }
  return module;
}

/** The text of `kernel.ts`. */
function embed(module: Uint8Array, what: string): string {
  const lines = module.toBase64().match(/.{1,92}/g) ?? [];
  return `// Made from kernel.as by \`deno task wasm\`: change that, not this.

/** ${what}: a WebAssembly module (with SIMD), in base64. */
export const kernel = [
${lines.map((line) => `  "${line}",\n`).join("")}].join("");
`;
}

for (const [folder, what] of KERNELS) {
  const source = new URL(`./${folder}/kernel.as`, import.meta.url);
  const target = new URL(`./${folder}/kernel.ts`, import.meta.url);
  const text = embed(await compile(await Deno.readTextFile(source), `${folder}/kernel.as`), what);
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(target, text);
  } else if (await Deno.readTextFile(target) !== text) {
    console.error(`${folder}/kernel.ts is not what kernel.as compiles to: run without --check.`);
    Deno.exit(1);
  }
}
