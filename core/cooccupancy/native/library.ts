/**
 * The compiled kernel: where it lies, and what it exports.
 *
 * @module
 */
import { programFile } from "../../program_files.ts";
import { SOURCE_HASH } from "./source_hash.ts";

/** Variants of the kernel, in the order of `siren.h`: each does better than those before it. */
export const variantNames = ["portable", "neon", "avx2", "avx512", "avx512ice"] as const;

/** A variant of the kernel. */
export type VariantName = (typeof variantNames)[number];

/** What users call the variants. */
export const instructions: Readonly<Record<VariantName, string>> = {
  portable: "portable",
  neon: "NEON",
  avx2: "AVX2",
  avx512: "AVX-512",
  avx512ice: "AVX-512",
};

/** What is told apart of machines: a library is for one kind. */
export interface Host {
  readonly os: typeof Deno.build.os;
  readonly arch: typeof Deno.build.arch;
}

/**
 * Name of the library that is made of the sources for a kind of machine.
 *
 * @param hash SHA-256 of the sources, in hexadecimal.
 * @example
 * ```ts
 * import { libraryName } from "./library.ts";
 * import assert from "node:assert";
 *
 * const host = { os: "linux", arch: "x86_64" } as const;
 * assert.strictEqual(libraryName("0123456789abcdef", host), "siren-0123456789ab-linux-x86_64.so");
 * ```
 */
export function libraryName(hash: string, { os, arch }: Host): string {
  const extension = os === "windows" ? "dll" : os === "darwin" ? "dylib" : "so";
  return `siren-${hash.slice(0, 12)}-${os}-${arch}.${extension}`;
}

/** Folder of the libraries in the program's, and what the names of those begin with that belong to it. */
export const LIBRARIES = { folder: "build/native", prefix: `siren-${SOURCE_HASH.slice(0, 12)}-` };

/** Place of this machine's library, whether it was built or not. */
export function libraryFile(): URL {
  return programFile(`${LIBRARIES.folder}/${libraryName(SOURCE_HASH, Deno.build)}`);
}

/** What `siren.h` declares, where all is explained. */
const symbols = {
  siren_variants: { parameters: [], result: "u32" },
  siren_built: { parameters: [], result: "u32" },
  siren_lanes: { parameters: ["u32"], result: "u32" },
  siren_open: { parameters: ["u32", "u32"], result: "pointer" },
  siren_close: { parameters: ["pointer"], result: "void" },
  siren_counts: {
    parameters: [
      "pointer",
      ...["buffer", "u32", "u32", "u32"] as const,
      ...["buffer", "u32", "u32", "u32"] as const,
      "buffer",
    ],
    result: "void",
  },
  siren_links: {
    parameters: [
      "pointer",
      ...["buffer", "u32", "u32", "u32"] as const,
      ...["buffer", "u32", "u32", "u32"] as const,
      ...["buffer", "buffer", "u32", "buffer"] as const,
      "u32",
    ],
    result: "f64",
  },
  siren_take: {
    parameters: ["pointer", "buffer", "buffer", ...["buffer", "buffer", "buffer"] as const],
    result: "void",
  },
  siren_forget: { parameters: ["pointer"], result: "void" },
  siren_tally: {
    parameters: [
      "pointer",
      ...["buffer", "u32", "u32", "u32"] as const,
      ...["buffer", "u32"] as const,
      ...["u32", "buffer", "buffer", "buffer"] as const,
      ...["buffer", "buffer"] as const,
    ],
    result: "void",
  },
  siren_full_adders: { parameters: ["u32", "u32"], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The compiled kernel, loaded. */
export type Library = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** Each thread loads a library once, for good. */
const loaded = new Map<string, Library>();

/**
 * Loads a compiled kernel.
 *
 * @throws {Deno.errors.NotCapable} Without `--allow-ffi`.
 * @throws {Error} If the system cannot load it.
 */
export function loadLibrary(file: URL): Library {
  const known = loaded.get(file.href);
  if (known !== undefined) return known;
  const library = Deno.dlopen(file, symbols).symbols;
  loaded.set(file.href, library);
  return library;
}

/** The variants that a mask of the library says. */
export function variantsOf(mask: number): VariantName[] {
  return variantNames.filter((_, i) => mask >> i & 1);
}
