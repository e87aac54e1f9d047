import assert from "node:assert";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { makeHeader } from "../mrc/header.ts";
import { bytesOf, fileOf, referenceData, withFolder } from "../mrc/testing.ts";
import { encodeMap } from "../mrc/write.ts";
import { describeMap } from "./info.ts";

Deno.test("a map is described, ready for JSON", async () => {
  const grid = { box: 2, apix: 3, origin: { x: 1, y: 2, z: 3 }, nstart: { x: 4, y: 5, z: 6 } };
  const bytes = new Uint8Array(
    gzipSync(encodeMap(Float32Array.of(0, 1, 0, 1, 0, 1, 0, 1), grid, "a label")),
  );
  await withFolder(async (folder) => {
    const file = join(folder, "a.mrc.gz");
    await Deno.writeFile(file, bytes);
    const description = await describeMap(file);
    assert.deepStrictEqual(description, {
      file,
      fileBytes: bytes.length,
      gzipped: true,
      size: { x: 2, y: 2, z: 2 },
      mode: 2,
      modeMeaning: "32-bit float",
      byteOrder: "little",
      machineStamp: "44 44 00 00",
      axisOrder: "xyz",
      voxelSize: { x: 3, y: 3, z: 3 },
      origin: grid.origin,
      nstart: grid.nstart,
      spaceGroup: 1,
      version: 20141,
      extendedHeaderBytes: 0,
      labels: ["a label"],
      statistics: { min: 0, max: 1, mean: 0.5, rms: 0.5, nans: 0, infinities: 0 },
      findings: [],
    });
    assert.deepStrictEqual(JSON.parse(JSON.stringify(description)), description);
  });
});

Deno.test("what is wrong with a map is part of its description", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "a.mrc");
    const rules = async (bytes: Uint8Array) => {
      await Deno.writeFile(file, bytes);
      const { statistics, findings } = await describeMap(file);
      return { read: statistics !== null, rules: findings.map(({ rule }) => rule) };
    };
    const header = makeHeader({ nx: 1, ny: 2, nz: 3, cellaX: 1, cellaY: 2, cellaZ: 3 });
    assert.deepStrictEqual(
      await rules(fileOf({ ...header, mode: 4, nversion: 0 }, new Uint8Array(48))),
      { read: false, rules: ["mode", "version"] },
    );
    assert.deepStrictEqual(
      await rules(
        fileOf({ ...header, dmax: 5, dmean: 1 }, bytesOf(Float32Array.of(1, 2, 3, 4, 5, NaN))),
      ),
      { read: true, rules: ["finite", "statistics", "statistics"] },
    );
  });
});

const real = referenceData("real/ribosome_occupancy/00_aligned");
Deno.test({
  name: "../shared/real: a map of old cryoDRGN lacks a stamp and a version",
  ignore: real.missing,
  async fn() {
    const { voxelSize, findings } = await describeMap(join(real.folder, "vol_018.mrc"));
    assert.deepStrictEqual(voxelSize, { x: 6.55, y: 6.55, z: 6.55 });
    assert.deepStrictEqual(findings, [
      {
        rule: "machine-stamp",
        severity: "warning",
        message: "the machine stamp is unknown (00 00 00 00)",
      },
      {
        rule: "version",
        severity: "warning",
        message: "NVERSION is neither 20140 nor 20141 (0)",
      },
    ]);
  },
});
