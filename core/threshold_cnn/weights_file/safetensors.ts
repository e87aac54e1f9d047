/**
 * The safetensors format: eight bytes with the length of a header, the header in JSON with type, shape and
 * place of each tensor, and the tensors one after the other.
 *
 * Follows https://github.com/huggingface/safetensors#format, with all that its own reader checks, and with
 * shorter headers.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { elements } from "../network.ts";
import { type Dtype, dtypeSize, StoredTensor } from "./stored_tensor.ts";
import { told } from "../../told.ts";

/**
 * Longest header that is read, in bytes: enough for many times the tensors of such a network. The format
 * allows 100,000,000, of which a file could make gigabytes in memory.
 */
const MAX_HEADER_BYTES = 2 ** 24;
/** Most axes of a tensor, as in PyTorch. */
const MAX_AXES = 64;
const LENGTH_BYTES = 8;
const METADATA = "__metadata__";

/** Types of numbers by their names in the format. */
const dtypes: Readonly<Record<string, Dtype>> = {
  F16: "float16",
  BF16: "bfloat16",
  F32: "float32",
  F64: "float64",
  I8: "int8",
  I16: "int16",
  I32: "int32",
  I64: "int64",
  U8: "uint8",
  U16: "uint16",
  U32: "uint32",
  U64: "uint64",
  BOOL: "bool",
};

const IndexSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const EntrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(IndexSchema).max(MAX_AXES),
  data_offsets: z.tuple([IndexSchema, IndexSchema]),
});

/** What a file holds. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Text by name, of any meaning. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads a file. Nothing of the tensors is copied.
 *
 * @param bytes The whole file.
 * @param name What to call the file in messages.
 * @throws {InputError} It is cut short, or breaks a rule of the format: a name twice, numbers that overlap,
 *   leave gaps or lie outside, a type that is unknown or too long for its place.
 */
export function readSafetensors(bytes: Uint8Array<ArrayBuffer>, name: string): Safetensors {
  const refuse = (reason: string, cause?: unknown) =>
    new InputError(`Cannot read ${name}: ${reason}`, "Copy or download it again.", { cause });
  const { header, start } = readHeader(bytes, refuse);
  const tensors: { key: string; tensor: StoredTensor; from: number; to: number }[] = [];
  const metadata = new Map<string, string>();
  for (const [key, value] of Object.entries(header)) {
    const what = `of "${told(key)}"`;
    if (key === METADATA) {
      if (!isObject(value)) throw refuse("its metadata is not a JSON object");
      for (const [word, text] of Object.entries(value)) {
        if (typeof text !== "string") throw refuse("its metadata is not all text");
        metadata.set(word, text);
      }
      continue;
    }
    const { success, data } = EntrySchema.safeParse(value);
    if (!success) throw refuse(`type, shape or place are not as they must be (${what})`);
    const dtype = Object.hasOwn(dtypes, data.dtype) ? dtypes[data.dtype] : undefined;
    if (dtype === undefined) {
      throw refuse(
        `numbers of the type "${told(data.dtype)}" are not read (${what})`,
      );
    }
    const [from, to] = data.data_offsets;
    if (from > to || to > bytes.length - start) {
      throw refuse(`it is cut short, or numbers lie outside of it (${what})`);
    }
    if (elements(data.shape) * dtypeSize(dtype) !== to - from) {
      throw refuse(`the place of numbers is not as long as their shape (${what})`);
    }
    const tensor = new StoredTensor(dtype, data.shape, bytes.subarray(start + from, start + to));
    tensors.push({ key, tensor, from, to });
  }
  let end = 0;
  for (const { key, from, to } of tensors.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) {
      throw refuse(`numbers overlap or leave a gap (before those of "${told(key)}")`);
    }
    end = to;
  }
  if (end !== bytes.length - start) {
    throw refuse(`it goes on after its last numbers, by ${bytes.length - start - end} bytes`);
  }
  return { tensors: new Map(tensors.map(({ key, tensor }) => [key, tensor])), metadata };
}

/** The header, and where the numbers start. */
function readHeader(
  bytes: Uint8Array<ArrayBuffer>,
  refuse: (reason: string, cause?: unknown) => InputError,
): { header: object; start: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < LENGTH_BYTES ? 0 : Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) throw refuse(`its header is too long (${length} bytes)`);
  const start = LENGTH_BYTES + length;
  if (length === 0 || start > bytes.length) throw refuse("it is cut short, within its header");
  let text: string, parsed: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes.subarray(LENGTH_BYTES, start));
    parsed = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    throw refuse("its header is not JSON", error);
  }
  if (!text.startsWith("{") || !isObject(parsed)) throw refuse("its header is not a JSON object");
  const twice = nameTwice(text);
  if (twice !== undefined) throw refuse(`a name is there twice (${told(twice)})`);
  return { header: parsed, start };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A name that an object in a valid JSON text has twice; JSON.parse would take the later one. */
function nameTwice(text: string): string | undefined {
  const objects: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "{") objects.push(new Set());
    else if (text[at] === "}") objects.pop();
    if (text[at] !== '"') continue;
    const start = at++;
    while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    let next = at + 1;
    while (/\s/.test(text[next] ?? "")) next++;
    const names = objects.at(-1);
    if (text[next] !== ":" || names === undefined) continue; // it is no name
    const name = String(JSON.parse(text.slice(start, at + 1)));
    if (names.has(name)) return name;
    names.add(name);
  }
  return undefined;
}

/** Numbers to write. */
export interface PlainTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
}

/**
 * The bytes of a file. As the format asks, integers of 64 bits come first, so that all numbers lie at
 * multiples of their size. The same tensors give the same bytes.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, PlainTensor>,
  metadata: ReadonlyMap<string, string>,
): Uint8Array<ArrayBuffer> {
  const isLong = ({ data }: PlainTensor) => data instanceof BigInt64Array;
  const all = [...tensors];
  const sorted = [
    ...all.filter(([, tensor]) => isLong(tensor)),
    ...all.filter(([, tensor]) => !isLong(tensor)),
  ];
  let end = 0;
  const entries = sorted.map(([name, tensor]) => {
    const from = end;
    end += tensor.data.byteLength;
    const dtype = isLong(tensor) ? "I64" : "F32";
    return [name, { dtype, shape: tensor.shape, data_offsets: [from, end] }];
  });
  const header = JSON.stringify(
    Object.fromEntries([[METADATA, Object.fromEntries(metadata)], ...entries]),
  );
  const encoded = new TextEncoder().encode(header);
  const length = Math.ceil(encoded.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + length + end).fill(0x20, 0, LENGTH_BYTES + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(encoded, LENGTH_BYTES);
  let at = LENGTH_BYTES + length;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
