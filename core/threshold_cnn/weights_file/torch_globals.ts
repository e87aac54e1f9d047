/**
 * The globals that PyTorch's files name, and what takes their place. Nothing else may be named.
 *
 * @module
 */
import type { InputError } from "../../errors.ts";
import { type AllowedGlobal, GlobalName, PickleTuple, type PickleValue } from "../../pickle/mod.ts";
import { type Dtype, dtypeSize, StoredTensor } from "./stored_tensor.ts";

/** The numbers that tensors share. */
export class Storage {
  constructor(readonly dtype: Dtype, readonly bytes: Uint8Array<ArrayBuffer>) {}
}

/** An object of which nothing is wanted. */
export class Inert {
  constructor(readonly name: string) {}
}

/** Most axes of a tensor; PyTorch has 64. */
const MAX_AXES = 64;

/** Types of storages, by their names in `torch`. */
const storageTypes: Readonly<Record<string, Dtype>> = {
  "torch.FloatStorage": "float32",
  "torch.DoubleStorage": "float64",
  "torch.HalfStorage": "float16",
  "torch.BFloat16Storage": "bfloat16",
  "torch.LongStorage": "int64",
  "torch.IntStorage": "int32",
  "torch.ShortStorage": "int16",
  "torch.CharStorage": "int8",
  "torch.ByteStorage": "uint8",
  "torch.BoolStorage": "bool",
  "torch.UntypedStorage": "uint8",
  "torch.storage.UntypedStorage": "uint8",
  "torch.storage._UntypedStorage": "uint8",
};

/** Types of tensors, by their names. */
const tensorTypes: Readonly<Record<string, Dtype>> = {
  "torch.float16": "float16",
  "torch.half": "float16",
  "torch.bfloat16": "bfloat16",
  "torch.float32": "float32",
  "torch.float": "float32",
  "torch.float64": "float64",
  "torch.double": "float64",
  "torch.int8": "int8",
  "torch.int16": "int16",
  "torch.int32": "int32",
  "torch.int64": "int64",
  "torch.uint8": "uint8",
  "torch.uint16": "uint16",
  "torch.uint32": "uint32",
  "torch.uint64": "uint64",
  "torch.bool": "bool",
};

/**
 * Classes whose objects are read as nothing: SIREn writes its loss function, an `MSELoss`, into its
 * checkpoints, and such an object has sets in it.
 */
const inertClasses = [
  ...["MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCELoss", "BCEWithLogitsLoss"]
    .map((name) => `torch.nn.modules.loss.${name}`),
  "__builtin__.set",
  "builtins.set",
  "torch.device",
];

/** What a NumPy scalar is made of. */
class NumpyType {
  order = "=";
  constructor(readonly code: string) {}
}

/** Types of NumPy scalars that are read as numbers, by their names. */
const numpyTypes: ReadonlyMap<string, Dtype> = new Map([
  ["f2", "float16"],
  ["f4", "float32"],
  ["f8", "float64"],
  ["i4", "int32"],
  ["i8", "int64"],
]);

/** Longest NumPy scalar in bytes. */
const MAX_SCALAR_BYTES = 16;

/**
 * Makes the list of globals.
 *
 * @param refuse Makes the error for a global that is used in a way that PyTorch does not.
 */
export function torchGlobals(
  refuse: (reason: string) => InputError,
): ReadonlyMap<string, AllowedGlobal> {
  const tensorOf = (args: readonly PickleValue[], hasDtype: boolean): StoredTensor => {
    const [storage, offset, shape, strides] = args;
    const dtype = hasDtype ? dtypeOf(args[6]) : storage instanceof Storage && storage.dtype;
    const axes = numbers(shape), steps = numbers(strides);
    if (
      !(storage instanceof Storage) || typeof offset !== "number" || !dtype ||
      axes === undefined || steps === undefined
    ) throw refuse("makes a tensor in an unknown way");
    const tensor = new StoredTensor(dtype, axes, storage.bytes, offset, steps);
    if (!tensor.fits) throw refuse("has a tensor that reaches beyond its numbers");
    return tensor;
  };
  /** What wraps a tensor and is read as the tensor itself. */
  const sameTensor: AllowedGlobal = {
    make: ([tensor]) => {
      if (!(tensor instanceof StoredTensor)) throw refuse("has a parameter that is no tensor");
      return tensor;
    },
  };
  const inert = (name: string): AllowedGlobal => ({ make: () => new Inert(name), build: () => {} });
  const orderedDict: AllowedGlobal = {
    make: (args) => {
      if (args.length > 0) throw refuse("fills an OrderedDict in an unknown way");
      return new Map();
    },
    build: () => {}, // its attribute _metadata tells the versions of layers
  };
  const size: AllowedGlobal = {
    make: ([axes]) => {
      if (!(axes instanceof PickleTuple)) throw refuse("has a torch.Size that is no tuple");
      return axes;
    },
  };
  const numpyType: AllowedGlobal = {
    make: ([code]) => {
      if (typeof code !== "string") throw refuse("has a NumPy type whose name is no text");
      return new NumpyType(code);
    },
    build: (type, state) => {
      // A tuple of its version, its byte order, and more.
      const order = state instanceof PickleTuple ? state.items[1] : undefined;
      if (typeof order !== "string") {
        throw refuse("has a NumPy type whose byte order is no text");
      }
      if (type instanceof NumpyType) type.order = order;
    },
  };
  const scalar: AllowedGlobal = { make: ([type, bytes]) => scalarOf(type, bytes) };
  const array: AllowedGlobal = inert("numpy.ndarray");
  return new Map<string, AllowedGlobal>([
    ...Object.keys({ ...storageTypes, ...tensorTypes }).map((name) => [name, {}] as const),
    ...inertClasses.map((name) => [name, inert(name)] as const),
    ["collections.OrderedDict", orderedDict],
    ["torch.Size", size],
    ["torch._utils._rebuild_tensor_v2", { make: (args) => tensorOf(args, false) }],
    ["torch._utils._rebuild_tensor_v3", { make: (args) => tensorOf(args, true) }],
    ["torch._utils._rebuild_parameter", sameTensor],
    ["torch._utils._rebuild_parameter_with_state", sameTensor],
    // NumPy, from a loss that was never turned into a number of Python's.
    ["_codecs.encode", { make: ([text]) => encoded(text) }],
    ["numpy.dtype", numpyType],
    ["numpy.ndarray", {}],
    ...["numpy.core.multiarray", "numpy._core.multiarray"].flatMap((module) =>
      [[`${module}.scalar`, scalar], [`${module}._reconstruct`, array]] as const
    ),
  ]);
}

/** The type of a storage that a pickle names; numbers of unknown type are bytes. */
export function storageDtype(type: PickleValue): Dtype | undefined {
  return type instanceof GlobalName ? storageTypes[type.name] : undefined;
}

function dtypeOf(type: PickleValue): Dtype | undefined {
  return type instanceof GlobalName ? tensorTypes[type.name] : undefined;
}

function numbers(tuple: PickleValue): number[] | undefined {
  if (!(tuple instanceof PickleTuple) || tuple.items.length > MAX_AXES) return undefined;
  return tuple.items.every((item) => typeof item === "number")
    ? [...tuple.items] as number[]
    : undefined;
}

/** Bytes, as Python 3 has them in a pickle of protocol 2: text of characters below 256. */
function encoded(text: PickleValue): Uint8Array | Inert {
  return typeof text === "string" && text.length <= MAX_SCALAR_BYTES
    ? Uint8Array.from(text, (character) => character.charCodeAt(0))
    : new Inert("bytes");
}

/** A NumPy scalar as a number, or as nothing where it is none. */
function scalarOf(type: PickleValue, bytes: PickleValue): number | Inert {
  const dtype = type instanceof NumpyType && type.order !== ">"
    ? numpyTypes.get(type.code)
    : undefined;
  if (dtype === undefined || !(bytes instanceof Uint8Array) || bytes.length !== dtypeSize(dtype)) {
    return new Inert("numpy.generic");
  }
  return new StoredTensor(dtype, [], Uint8Array.from(bytes)).at(0);
}
