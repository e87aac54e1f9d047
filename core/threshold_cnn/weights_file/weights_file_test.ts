import assert from "node:assert";
import { createHash } from "node:crypto";
import { referenceData, withFolder } from "../../mrc/testing.ts";
import { describeWeights } from "./description.ts";
import { bytesOf, smallNetwork, testCheckpoint, torchFileOf } from "./testing.ts";
import { readCheckpoint, writeCheckpoint } from "./weights_file.ts";

const golden = referenceData("golden/cnn");
const checkpoint = testCheckpoint(smallNetwork);
const { weights } = checkpoint;
const endings = [".pth", ".pt", ".safetensors", ".PTH"];

Deno.test("a checkpoint that was written is read as it was", () =>
  withFolder(async (folder) => {
    const alone = { weights };
    const partly = { weights, epoch: 9, loss: 1 / 3 };
    for (const ending of endings) {
      const path = `${folder}/weights${ending}`;
      for (const one of [checkpoint, partly]) {
        await writeCheckpoint(path, one, smallNetwork);
        assert.deepStrictEqual(await readCheckpoint(path, smallNetwork), one);
      }
      await writeCheckpoint(path, alone, smallNetwork);
      // SIREn's own programs ask for an epoch, so one is written in any case.
      const expected = ending === ".safetensors" ? alone : { ...alone, epoch: 0 };
      assert.deepStrictEqual(await readCheckpoint(path, smallNetwork), expected);
    }
  }));

Deno.test("the same checkpoint gives the same bytes, whatever the file's name", () =>
  withFolder(async (folder) => {
    for (const ending of [".pth", ".safetensors"]) {
      const all = await Promise.all(["a", "b"].map(async (name) => {
        await writeCheckpoint(
          `${folder}/${name}${ending}`,
          testCheckpoint(smallNetwork),
          smallNetwork,
        );
        return await Deno.readFile(`${folder}/${name}${ending}`);
      }));
      assert.deepStrictEqual(all[0], all[1]);
    }
  }));

Deno.test("the kind of a file shows in its bytes, not in its name", () =>
  withFolder(async (folder) => {
    for (const [ending, other] of [[".pth", ".safetensors"], [".safetensors", ".dat"]] as const) {
      await writeCheckpoint(`${folder}/a${ending}`, checkpoint, smallNetwork);
      await Deno.rename(`${folder}/a${ending}`, `${folder}/b${other}`);
      assert.deepStrictEqual(await readCheckpoint(`${folder}/b${other}`, smallNetwork), checkpoint);
    }
  }));

Deno.test("a file is written only where its ending tells the kind", () =>
  assert.rejects(writeCheckpoint("weights.h5", checkpoint, smallNetwork), {
    name: "UsageError",
    message: "Cannot write weights.h5: its ending does not tell which file of weights it shall be",
    remedy: "Give one that ends in .pth, .pt, .safetensors.",
  }));

Deno.test("a file cut short, or changed in one bit, is refused", () =>
  withFolder(async (folder) => {
    for (const ending of [".pth", ".safetensors"]) {
      const path = `${folder}/weights${ending}`;
      await writeCheckpoint(path, checkpoint, smallNetwork);
      const bytes = await Deno.readFile(path);
      for (const length of [0, 5, 600, bytes.length >> 1, bytes.length - 1]) {
        await Deno.writeFile(path, bytes.subarray(0, length));
        await assert.rejects(
          readCheckpoint(path, smallNetwork),
          (error: Error) =>
            error.name === "InputError" && error.message.startsWith(`Cannot read ${path}: it is `),
        );
      }
    }
    const path = `${folder}/flipped.pth`;
    await writeCheckpoint(path, checkpoint, smallNetwork);
    const bytes = await Deno.readFile(path);
    bytes[bytes.length >> 1]! ^= 1; // among the numbers
    await Deno.writeFile(path, bytes);
    await assert.rejects(readCheckpoint(path, smallNetwork), /damaged/);
  }));

Deno.test("archives that are not of torch.save, or not for this machine, are refused", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.pth`;
    for (
      const [entries, said] of [
        [{ "x/data.pkl": bytesOf("N.") }, "what it holds is no dict"],
        [{ byteorder: bytesOf("big") }, 'its numbers are not little-endian ("big")'],
        [{ "constants.pkl": bytesOf("N.") }, "it is a program of TorchScript, not weights alone"],
      ] as const
    ) {
      await Deno.writeFile(path, torchFileOf(bytesOf("N."), entries));
      await assert.rejects(readCheckpoint(path), { message: `Cannot read ${path}: ${said}` });
    }
    const storage = (type: string, key: string, count: number) =>
      bytesOf(
        `\x80\x02(X\x07\x00\x00\x00storagectorch\n${type}\nX\x01\x00\x00\x00${key}` +
          `X\x03\x00\x00\x00cpuK${String.fromCharCode(count)}tQ.`,
      );
    const numbers = { "data/0": new Uint8Array(8) };
    for (
      const [pickle, said] of [
        [storage("FloatStorage", "0", 3), "it holds 8 bytes for 3 numbers (data/0)"],
        [storage("FloatStorage", "1", 2), "numbers are missing in it (data/1)"],
        [
          storage("Size", "0", 2),
          "its pickle refers to something that is no storage of numbers",
        ],
        [storage("FloatStorage", "0", 2), "what it holds is no dict"],
      ] as const
    ) {
      await Deno.writeFile(path, torchFileOf(pickle, numbers));
      await assert.rejects(readCheckpoint(path), { message: `Cannot read ${path}: ${said}` });
    }
  }));

Deno.test("a file or folder that cannot be read is told", async () => {
  await assert.rejects(readCheckpoint("/nowhere/weights.pth"), {
    name: "InputError",
    message: "Cannot read /nowhere/weights.pth: there is no such file or folder",
  });
  await assert.rejects(readCheckpoint("/"), { name: "InputError" });
});

Deno.test("a description tells what a file holds, also where it fits no network here", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.safetensors`;
    await writeCheckpoint(path, checkpoint, smallNetwork);
    const { tensors, differences, fileBytes, sha256, ...told } = await describeWeights(
      path,
      smallNetwork,
    );
    assert.deepStrictEqual(told, {
      file: path,
      kind: "safetensors",
      parameters: 3 * 8 + 3 + 3 + 3 + 3 * 4 + 4 + 4 * 2 + 2 + 2 + 1,
      prefix: "",
      epoch: 4,
      loss: 0.1,
      optimizer: "Adam",
      steps: 7,
      learningRate: 3e-6,
      fits: true,
    });
    assert.deepStrictEqual([tensors.length, differences], [weights.size, []]);
    assert.deepStrictEqual(tensors[1], {
      name: "conv.0.weight",
      shape: [3, 1, 2, 2, 2],
      dtype: "float32",
    });
    const bytes = await Deno.readFile(path);
    assert.strictEqual(fileBytes, bytes.length);
    assert.strictEqual(sha256, createHash("sha256").update(bytes).digest("hex"));
    const other = await describeWeights(path);
    assert.strictEqual(other.fits, false);
    assert.ok(other.differences.includes("conv.4.weight is 4 x 3 x 1 x 1 x 1, not 64"));
  }));

Deno.test({
  name: "golden/cnn/weights.pth gives the numbers that PyTorch reads, also after it is converted",
  ignore: golden.missing,
  fn: () =>
    withFolder(async (folder) => {
      const read = await readCheckpoint(`${golden.folder}weights.pth`);
      await writeCheckpoint(`${folder}/a.safetensors`, read);
      for (const { weights, ...rest } of [read, await readCheckpoint(`${folder}/a.safetensors`)]) {
        assert.deepStrictEqual(rest, { epoch: 2 });
        const hash = createHash("sha256");
        for (const { data } of weights.values()) hash.update(new Uint8Array(data.buffer));
        // Of all tensors as float32, one after the other, from torch.load.
        assert.strictEqual(
          hash.digest("hex"),
          "8cd78a1a8b005104ed0699e3be2f050cc16b72c67b80c1745ed2167a1be53362",
        );
        const sum = weights.get("conv.4.running_var")?.data.reduce((a, b) => a + b, 0) ?? 0;
        assert.ok(Math.abs(sum - 54.26993441581726) < 1e-9, String(sum));
      }
    }),
});
