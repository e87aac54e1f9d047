import assert from "node:assert";
import { referenceData, withFolder } from "../../mrc/testing.ts";
import { hasTorch, PYTHON } from "../../../tests/pytorch.ts";
import { weightShapes } from "../network.ts";
import { describeWeights } from "./description.ts";
import { smallNetwork, testCheckpoint } from "./testing.ts";
import { readCheckpoint, writeCheckpoint } from "./weights_file.ts";

const golden = referenceData("golden/cnn");
const small = testCheckpoint(smallNetwork);
const { weights } = small;

/** Files of PyTorch that are read, and what must be found in them. */
const readable: Readonly<Record<string, { epoch?: number; loss?: number; adam?: number }>> = {
  "siren.pth": { epoch: 3, adam: 2e-6 },
  "bare.pth": {},
  "plain_dict.pth": {},
  "state_dict.pth": { epoch: 2, loss: 0.25 },
  "protocol4.pth": { epoch: 3, adam: 2e-6 },
  "module.pth": { epoch: 3, adam: 2e-6 },
  "module_model.pth": {},
  "half.pth": {},
  "bfloat16.pth": {},
  "double.pth": { epoch: 3, adam: 2e-6 },
  "parameters.pth": {},
  "tensor_loss.pth": { epoch: 3, loss: 0.75, adam: 2e-6 },
  "numpy_loss.pth": { epoch: 3, loss: 0.1, adam: 2e-6 },
  "list_loss.pth": { epoch: 3, adam: 2e-6 },
  "transposed.pth": {},
  "shared.pth": {},
  "cuda.pth": { epoch: 3, adam: 2e-6 },
  "sgd.pth": { epoch: 3 },
  "some.pth": { epoch: 3 },
  "groups.pth": { epoch: 3, adam: 5e-6 },
};

/** Files of PyTorch that are refused, and why. */
const refused: Readonly<Record<string, string>> = {
  "old.pth": "Cannot read F: it is of PyTorch's old format, before 1.6",
  "model.pth":
    "Cannot read F: its pickle calls torch.nn.modules.linear.Linear, which siren does not know",
  "system.pth": "Cannot read F: its pickle calls posix.system, which siren does not know",
  "eval.pth": "Cannot read F: its pickle calls __builtin__.eval, which siren does not know",
  "getattr.pth": "Cannot read F: its pickle calls __builtin__.getattr, which siren does not know",
  "sparse.pth":
    "Cannot read F: its pickle calls torch._utils._rebuild_sparse_tensor, which siren does not know",
  "list.pth": "Cannot read F: what it holds is no dict",
  "other_keys.pth": 'Cannot read F: it holds no state_dict (its keys are "net")',
  "nan.pth": "Cannot use F: conv.0.weight holds -Infinity, which is not finite (number 0 of it)",
};

const isThere = await hasTorch();

Deno.test({
  name: "PyTorch (python3-torch) loads what is written here, and what it writes is read",
  ignore: !isThere,
  fn: (t) =>
    withFolder(async (folder) => {
      const load: unknown[] = [
        { file: "full.pth", step: small.adam?.step },
        { file: "weights_alone.pth", step: 0 },
      ];
      await writeCheckpoint(`${folder}/full.pth`, small, smallNetwork);
      await writeCheckpoint(`${folder}/weights_alone.pth`, { weights }, smallNetwork);
      if (!golden.missing) {
        const like = `${golden.folder}weights.pth`;
        await writeCheckpoint(`${folder}/golden.pth`, await readCheckpoint(like));
        load.push({ file: "golden.pth", step: 0, like });
      }
      const shapes = Object.fromEntries(weightShapes(smallNetwork));
      await Deno.writeTextFile(`${folder}/cases.json`, JSON.stringify({ shapes, load }));
      const script = new URL("torch_cases.py", import.meta.url).pathname;
      const { success, stdout, stderr } = await new Deno.Command(PYTHON, { args: [script, folder] })
        .output();
      assert.ok(success, new TextDecoder().decode(stderr));

      await t.step("PyTorch loads what is written here", () => {
        const loaded = JSON.parse(new TextDecoder().decode(stdout));
        assert.deepStrictEqual(loaded, {
          "full.pth": { epoch: "4", loss: "0.1", lr: "3e-06" },
          "weights_alone.pth": { epoch: "0", loss: "nan", lr: "1e-06" },
          ...(!golden.missing && { "golden.pth": { epoch: "2", loss: "nan", lr: "1e-06" } }),
        });
      });
      for (const [file, { adam: learningRate, ...expected }] of Object.entries(readable)) {
        await t.step(`${file} is read`, async () => {
          const { adam, ...read } = await readCheckpoint(`${folder}/${file}`, smallNetwork);
          assert.deepStrictEqual(read, { weights, ...expected });
          assert.strictEqual(adam?.learningRate, learningRate);
          if (adam === undefined) return;
          // After two steps of a gradient g: g (1 - 0.9^2), g^2 (1 - 0.999^2).
          assert.strictEqual(adam.step, 2);
          for (const mean of adam.mean.values()) {
            assert.ok(mean.every((value) => near(value, 0.095)));
          }
          for (const square of adam.square.values()) {
            assert.ok(square.every((value) => near(value, 0.00049975)));
          }
        });
      }
      for (const [file, message] of Object.entries(refused)) {
        await t.step(`${file} is refused`, () =>
          assert.rejects(readCheckpoint(`${folder}/${file}`, smallNetwork), {
            name: "InputError",
            message: message.replace(" F: ", ` ${folder}/${file}: `),
          }));
      }
      await t.step("what is not taken from files is told", async () => {
        const told = async (file: string) => {
          const { prefix, optimizer, fits } = await describeWeights(
            `${folder}/${file}`,
            smallNetwork,
          );
          return { prefix, optimizer, fits };
        };
        const plain = { prefix: "", optimizer: "none", fits: true };
        assert.deepStrictEqual(await told("bare.pth"), plain);
        assert.deepStrictEqual(await told("module_model.pth"), {
          ...plain,
          prefix: "module.model.",
        });
        assert.deepStrictEqual(await told("sgd.pth"), { ...plain, optimizer: "other" });
        assert.deepStrictEqual(await told("some.pth"), { ...plain, optimizer: "other" });
        assert.deepStrictEqual(await told("siren.pth"), { ...plain, optimizer: "Adam" });
        assert.deepStrictEqual(await told("nan.pth"), { ...plain, fits: false });
      });
    }),
});

function near(value: number, expected: number): boolean {
  return Math.abs(value - expected) < 1e-6 * expected;
}
