/**
 * Loads TensorFlow.js when it is first used, with the back end that is wanted.
 *
 * Its packages are no dependencies of siren: they are large, and few need them. So none of its types is
 * here either; who uses it says which functions it needs, and what they look like.
 *
 * @module
 */
import { createRequire } from "node:module";
import { isAbsolute } from "node:path";
import util from "node:util";
import { keepLock } from "../keep_lock.ts";

/** Ways in which TensorFlow.js computes: its C library with CUDA, WebGPU, WebAssembly, or plain JavaScript. */
export type TfjsBackend = "node-gpu" | "webgpu" | "wasm" | "cpu";

/** Where the packages are imported from. */
export interface TfjsModules {
  readonly core: string;
  readonly cpu: string;
  readonly wasm: string;
  readonly webgpu: string;
  /**
   * Absolute path of a folder in which `npm install @tensorflow/tfjs-node-gpu` was run: npm fetches the
   * package's native library, which Deno does not. By default what the variable SIREN_TFJS_NODE_GPU says.
   */
  readonly nodeGpu?: string;
}

const VERSION = "4.22.0";
/** The variable that names where npm has installed tfjs-node-gpu. */
const FOLDER = "SIREN_TFJS_NODE_GPU";

/** The packages as npm has them, fetched when they are first used. */
export const tfjsModules: TfjsModules = {
  core: `npm:@tensorflow/tfjs-core@${VERSION}`,
  cpu: `npm:@tensorflow/tfjs-backend-cpu@${VERSION}`,
  wasm: `npm:@tensorflow/tfjs-backend-wasm@${VERSION}`,
  webgpu: `npm:@tensorflow/tfjs-backend-webgpu@${VERSION}`,
};

/** What loading it takes of TensorFlow.js. */
export interface TfjsBase {
  enableProdMode(): void;
  env(): { set(flag: string, value: boolean): void };
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  backend(): unknown;
}

const base = [
  "enableProdMode",
  "env",
  "setBackend",
  "getBackend",
  "backend",
] as const satisfies readonly (keyof TfjsBase)[];

/** Names of the back ends within TensorFlow.js, and for the user. */
export const backendNames = {
  "node-gpu": { own: "tensorflow", what: "tfjs-node-gpu (CUDA)" },
  webgpu: { own: "webgpu", what: "tfjs webgpu" },
  wasm: { own: "wasm", what: "tfjs wasm" },
  cpu: { own: "cpu", what: "tfjs cpu" },
} as const satisfies Record<TfjsBackend, { readonly own: string; readonly what: string }>;

/** A back end cannot be used, and why. */
export class NoBackend extends Error {
  constructor(reason: string, readonly remedy?: string) {
    super(reason);
  }
}

/** What is asked of TensorFlow.js. */
export interface TfjsQuestion<T extends TfjsBase> {
  readonly backend: TfjsBackend;
  readonly modules: TfjsModules;
  /** Functions that it must have, besides those of {@linkcode TfjsBase}. */
  readonly used: readonly Exclude<keyof T, keyof TfjsBase>[];
  /** Throws NoBackend where the back end, which is the current one, will not do. */
  readonly probe: (tfjs: T) => void | Promise<void>;
}

/**
 * Loads TensorFlow.js with a back end that works. It must be used by {@linkcode withBackend}.
 *
 * @throws {NoBackend} Why it cannot be used.
 */
export async function openTfjs<T extends TfjsBase>(question: TfjsQuestion<T>): Promise<T> {
  const { backend, modules } = question;
  let tfjs: T;
  if (backend === "node-gpu") {
    tfjs = await loadNodeGpu(modules.nodeGpu ?? nodeGpuFolder(), question);
  } else {
    const { core, cpu } = modules;
    tfjs = asTfjs(await load(core, () => import(core)), core, question);
    // Or it advises on the terminal to install tfjs-node.
    tfjs.enableProdMode();
    // WebGPU leaves small things to it.
    await load(cpu, () => import(cpu));
    if (backend !== "cpu") {
      const own = modules[backend];
      await load(own, () => import(own));
    }
    if (backend === "wasm") tfjs.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  }
  tfjs.enableProdMode();
  await inTurn(() => start(tfjs, question));
  return tfjs;
}

/** What a package exports; `get` takes its name from a variable, so that it is fetched only then. */
async function load(
  name: string,
  get: () => Promise<Partial<Record<string, unknown>>>,
): Promise<Partial<Record<string, unknown>>> {
  try {
    return await keepLock(name, get);
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new NoBackend(`${name} does not load (${line!.trim()})`); // split gives one at least
  }
}

function asTfjs<T extends TfjsBase>(
  module: Partial<Record<string, unknown>>,
  name: string,
  { used }: TfjsQuestion<T>,
): T {
  if (![...base, ...used].every((name) => typeof module[String(name)] === "function")) {
    throw new NoBackend(`${name} is not TensorFlow.js`);
  }
  return module as unknown as T; // it has the functions; what they look like, the version fixes
}

/** TensorFlow.js as npm has installed it with its native library. */
async function loadNodeGpu<T extends TfjsBase>(
  folder: string | undefined,
  question: TfjsQuestion<T>,
): Promise<T> {
  if (folder === undefined) {
    throw new NoBackend(
      "no folder is named where it is",
      `Run "npm install @tensorflow/tfjs-node-gpu@${VERSION}" in a folder, set ${FOLDER} to its path, ` +
        "and start siren with all permissions and --engine tfjs.",
    );
  }
  if (!isAbsolute(folder)) throw new NoBackend(`${FOLDER} is not an absolute path (${folder})`);
  // It calls this function, which Deno's node:util does not have.
  const old = util as { isNullOrUndefined?: (value: unknown) => boolean };
  old.isNullOrUndefined ??= (value) => value === null || value === undefined;
  try {
    const require = createRequire(`${folder}/`);
    // deno-lint-ignore require-await -- what it throws is to reject
    const module = await load(folder, async () => require("@tensorflow/tfjs-node-gpu"));
    return asTfjs(module, folder, question);
  } catch (error) {
    if (!(error instanceof NoBackend)) throw error;
    throw new NoBackend(
      error.message,
      "It takes CUDA, cuDNN, its native library, and --allow-env --allow-ffi --allow-sys.",
    );
  }
}

/** Where the user has it. */
function nodeGpuFolder(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: FOLDER });
  return state === "granted" ? Deno.env.get(FOLDER) : undefined;
}

/** Makes a back end the current one, and sees whether it will do. */
async function start<T extends TfjsBase>(
  tfjs: T,
  { backend, probe }: TfjsQuestion<T>,
): Promise<void> {
  let isReady: boolean;
  try {
    isReady = await tfjs.setBackend(backendNames[backend].own);
  } catch (error) {
    throw new NoBackend(`it does not start (${error instanceof Error ? error.message : error})`);
  }
  if (!isReady) throw new NoBackend("it does not start");
  if (backend === "node-gpu") {
    const library = tfjs.backend() as { isUsingGpuDevice?: unknown };
    if (library.isUsingGpuDevice !== true) throw new NoBackend("it finds no CUDA device");
  }
  await probe(tfjs);
}

let lastTurn: Promise<unknown> = Promise.resolve();

/** Does one thing after the other: a thread's TensorFlow.js has one back end at a time, for all. */
function inTurn<T>(act: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(act);
  // Who waits for this turn learns of its failure; the next is not concerned.
  lastTurn = turn.catch(() => {});
  return turn;
}

/** Computes with a back end that {@linkcode openTfjs} has opened, when it is its turn. */
export function withBackend<T>(
  tfjs: TfjsBase,
  backend: TfjsBackend,
  act: () => T | Promise<T>,
): Promise<T> {
  const { own } = backendNames[backend];
  return inTurn(async () => {
    if (tfjs.getBackend() !== own && !await tfjs.setBackend(own)) {
      throw new Error("it does not start again");
    }
    return await act();
  });
}
