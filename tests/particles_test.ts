/** Python's pickles read here, and those written here by Python's NumPy. */
import assert from "node:assert";
import { z } from "zod";
import { writeParticles } from "../cluster/particles.ts";
import { findKmeans, readIntegers, readKmeans, readLatent } from "../core/particles/mod.ts";
import { type NumpyArray, readNumpyPickle } from "../core/pickle/mod.ts";
import { hasNumpy } from "./numpy.ts";
import { PYTHON } from "./pytorch.ts";
import { quietly, temporaryFolder } from "./surroundings.ts";

const ignore = !await hasNumpy();

/** Runs a program, which prints JSON. */
async function python(program: string, ...args: string[]): Promise<unknown> {
  const { success, stdout, stderr } = await new Deno.Command(PYTHON, {
    args: ["-c", program, ...args],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Makes a folder as cryoDRGN does, with volumes from 0 or 1, and files of its particles. */
const MAKE = `
import json, os, pickle, sys
import numpy as np
folder, first, protocol = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random = np.random.RandomState(first)
K, P, N = 6, 200, 321
centres = 9 * random.randn(K, 4)
labels = random.randint(0, K, P).astype(np.int32)
z = (centres[labels] + 0.1 * random.randn(P, 4)).astype(np.float32)
ind = random.permutation(N)[:P]
near = [int(np.argmin(((z - centre) ** 2).sum(1))) for centre in centres]
kmeans = f"{folder}/analyze.7/kmeans{K}"
os.makedirs(kmeans)
def dump(path, *values):
    with open(path, "wb") as file:
        for value in values: pickle.dump(value, file, protocol)
dump(f"{kmeans}/labels.pkl", labels)
dump(f"{folder}/z.7.pkl", z, np.asfortranarray(0 * z))
dump(f"{folder}/ind.pkl", ind if first else list(ind))
dump(f"{folder}/config.pkl", dict(dataset_args=dict(ind=f"{folder}/ind.pkl", norm=(np.float32(0), 1.0)), seed=np.int64(5)))
np.savetxt(f"{kmeans}/centers.txt", z[near])
np.savetxt(f"{kmeans}/centers_ind.txt", near, fmt="%d")
for k in range(K): open(f"{kmeans}/vol_{k + first:03d}.mrc", "w").close()
cs = np.zeros(N, [("uid", "<u8"), ("blob/path", "S9"), ("alignments3D/pose", "<f4", (3,))])
cs["uid"] = np.arange(N)
cs["blob/path"] = "J1/a.mrc"
with open(f"{folder}/a.cs", "wb") as file: np.save(file, cs)
print(json.dumps([labels.tolist(), ind.tolist(), z[:3].ravel().tolist()]))
`;

/** What was written for volumes 2 and 3 and for all others, against what NumPy says of the labels. */
const CHECK = `
import json, pickle, sys, warnings
import numpy as np
warnings.simplefilter("error")
folder, first = sys.argv[1], int(sys.argv[2])
def load(path):
    with open(path, "rb") as file: return pickle.load(file)
labels = load(f"{folder}/analyze.7/kmeans6/labels.pkl")
parent = np.array(load(f"{folder}/ind.pkl"))
chosen = np.isin(labels, [2 - first, 3 - first])
cs = np.load(f"{folder}/a.cs")
for out, mask in (("some", chosen), ("rest", ~chosen)):
    ind = load(f"{folder}/{out}/ind.pkl")
    assert isinstance(ind, np.ndarray) and ind.dtype == np.int64 and ind.ndim == 1
    assert ind.flags.writeable
    assert np.array_equal(ind, np.sort(np.arange(321)[parent][np.where(mask)[0]]))
    assert np.array_equal(np.loadtxt(f"{folder}/{out}/ind.txt", dtype=int), ind)
    assert np.array_equal(np.load(f"{folder}/{out}/particles.cs"), cs[ind])
    assert np.load(f"{folder}/{out}/particles.cs").dtype == cs.dtype
print(json.dumps([int(mask.sum()) for mask in (chosen, ~chosen)]))
`;

const MadeSchema = z.tuple([z.array(z.number()), z.array(z.number()), z.array(z.number())]);

Deno.test({
  name:
    "ind.pkl selects the right particles in Python, with volumes from 0 and from 1 (python3-numpy)",
  ignore,
  async fn() {
    for (const [first, protocols] of [[0, [0, 3, 4]], [1, [1, 2, 5]]] as const) {
      for (const protocol of protocols) {
        await using folder = await temporaryFolder();
        const path = `${folder.path}/drgn`;
        const [labels, ind, coordinates] = MadeSchema.parse(
          await python(MAKE, path, String(first), String(protocol)),
        );
        const found = await findKmeans(path, {});
        assert.deepStrictEqual((await readKmeans(found)).labels, Int32Array.from(labels));
        assert.deepStrictEqual(
          await readIntegers(`${path}/ind.pkl`, 0, "indices"),
          Int32Array.from(ind),
        );
        const latent = await readLatent(found);
        assert.deepStrictEqual([...latent!.values.slice(0, 12)], coordinates); // it is there
        const counts: number[] = [];
        for (const [out, inverse] of [["some", false], ["rest", true]] as const) {
          const { particles, firstVolume } = await writeParticles(
            {
              folder: path,
              program: "cryoDRGN",
              selection: { volumes: ["vol_002.mrc", "3"] },
              inverse,
              cs: `${path}/a.cs`,
            },
            `${path}/${out}`,
            false,
            quietly(),
          );
          assert.strictEqual(firstVolume.first, first);
          counts.push(particles);
        }
        assert.deepStrictEqual(await python(CHECK, path, String(first)), counts);
      }
    }
  },
});

/** Arrays of all types, orders and protocols. */
const ARRAYS = `
import base64, json, pickle
import numpy as np
arrays = [np.arange(12).reshape(3, 4).astype(order + kind) for kind in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8") for order in "<>"]
arrays += [np.asfortranarray(arrays[0]), arrays[0].T, arrays[0][::2, 1::2], np.zeros((0, 3)), np.array(5.5), np.eye(3, dtype=bool), np.arange(2000.0)]
print(json.dumps([[base64.b64encode(pickle.dumps(a, p)).decode(), a.astype(float).ravel().tolist(), list(a.shape)] for a in arrays for p in range(6)]))
`;

Deno.test({
  name: "arrays of all types, orders and protocols are read as NumPy wrote them (python3-numpy)",
  ignore,
  async fn() {
    const schema = z.array(z.tuple([z.string(), z.array(z.number()), z.array(z.number())]));
    for (const [pickle, values, shape] of schema.parse(await python(ARRAYS))) {
      const array = readNumpyPickle(Uint8Array.fromBase64(pickle), "a.pkl") as NumpyArray;
      assert.deepStrictEqual(Array.from(array.data, Number), values);
      assert.deepStrictEqual(array.shape, shape);
    }
  },
});
