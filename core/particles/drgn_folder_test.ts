import assert from "node:assert";
import { withFolder } from "../mrc/testing.ts";
import { pickleIndices } from "../pickle/mod.ts";
import { findKmeans, readKmeans, readLatent } from "./drgn_folder.ts";
import { listedParticles, readStates, volumesOfStates } from "./landscape.ts";
import { nearestCentres } from "./nearest.ts";
import { makeDrgnFolder } from "./testing.ts";

Deno.test("the one folder of k-means is found from the training's, an analysis' or its own", () =>
  withFolder(async (folder) => {
    const { kmeans } = await makeDrgnFolder(folder);
    for (const given of [folder, `${folder}/analyze.9`, `${folder}/analyze.9/`, kmeans]) {
      const found = await findKmeans(given, {});
      assert.strictEqual(Deno.realPathSync(found.path), Deno.realPathSync(kmeans));
      assert.strictEqual(Deno.realPathSync(found.workdir), Deno.realPathSync(folder));
      assert.deepStrictEqual([found.kind, found.epoch, found.kmeans], ["analyze", 9, 5]);
    }
  }));

Deno.test("of several folders one is chosen by what is said, or by where the volumes are", () =>
  withFolder(async (folder) => {
    await makeDrgnFolder(folder);
    await makeDrgnFolder(folder, { volumes: 20 });
    await makeDrgnFolder(folder, { epoch: 19 });
    const { kmeans } = await makeDrgnFolder(folder, { kind: "landscape", volumes: 20 });
    const of = async (...args: [Parameters<typeof findKmeans>[1], string?]) =>
      (await findKmeans(folder, ...args)).path.slice(folder.length + 1);
    assert.strictEqual(await of({ epoch: 19 }), "analyze.19/kmeans5");
    assert.strictEqual(await of({ landscape: true }), "landscape.9/kmeans20");
    assert.strictEqual(await of({ kmeans: 20, landscape: false }), "analyze.9/kmeans20");
    assert.strictEqual(await of({}, kmeans), "landscape.9/kmeans20");
    await assert.rejects(of({ kmeans: 20 }), {
      name: "UsageError",
      message: `Cannot find particles in ${folder}: several of its folders may be meant ` +
        "(analyze.9/kmeans20, landscape.9/kmeans20)",
    });
    await assert.rejects(of({}, folder), /analyze\.19\/kmeans5/);
    await assert.rejects(of({ epoch: 7 }), /none of its folders is meant \(analyze\.9\/kmeans5/);
  }));

Deno.test("folders without k-means are refused", () =>
  withFolder(async (folder) => {
    await assert.rejects(findKmeans(folder, {}), /it has no analyze\.N\/kmeansK/);
    await assert.rejects(findKmeans(`${folder}/none`, {}), /there is no such file or folder/);
    await Deno.mkdir(`${folder}/analyze.3/pc1`, { recursive: true });
    await Deno.writeTextFile(`${folder}/analyze.4`, "");
    await assert.rejects(findKmeans(folder, {}), /it has no analyze\.N\/kmeansK/);
  }));

Deno.test("labels, centres and numbers of volumes are read, and held to each other", () =>
  withFolder(async (folder) => {
    const { kmeans, places } = await makeDrgnFolder(folder, { first: 1, firstLabel: 1 });
    const found = await findKmeans(folder, {});
    const { labels, centres, centreParticles, numbers } = await readKmeans(found);
    assert.deepStrictEqual(labels, places.map((place) => place + 1));
    assert.deepStrictEqual(centreParticles, Int32Array.of(4, 3, 2, 1, 0));
    assert.deepStrictEqual([centres?.points, centres?.dimensions], [5, 3]);
    assert.deepStrictEqual(numbers, [1, 2, 3, 4, 5]);
    await Deno.copyFile(`${kmeans}/centers.txt`, `${kmeans}/z_values.txt`);
    assert.deepStrictEqual((await readKmeans(found)).centres, centres);
    const change = async (name: string, text: string | Uint8Array, said: RegExp) => {
      const path = `${kmeans}/${name}`, before = await Deno.readFile(path);
      if (typeof text === "string") await Deno.writeTextFile(path, text);
      else await Deno.writeFile(path, text);
      await assert.rejects(readKmeans(found), said);
      await Deno.writeFile(path, before);
    };
    const lines = (await Deno.readTextFile(`${kmeans}/centers.txt`)).trimEnd().split("\n");
    await change("centers.txt", lines.toReversed().join("\n"), /were made of other coordinates/);
    await Deno.remove(`${kmeans}/z_values.txt`);
    await change("centers.txt", "1 2 3\n", /has 1 lines, and the folder is of 5 volumes/);
    await change("centers.txt", "1 2\n3\n", /not all of the same number of coordinates/);
    await change("centers.txt", "1 b\n", /line 1 holds what is no number/);
    await change("centers_ind.txt", "1\n2\n", /centers_ind\.txt: it has 2 lines/);
    await change("centers_ind.txt", "1\n-2\n", /line 2 holds no index/);
    await change("centers_ind.txt", "0\n1\n2\n3\n60\n", /names particle 60, and .* labels for 60/);
    await change("labels.pkl", pickleIndices(Int32Array.of(-1)), /holds labels below 0 \(-1\)/);
  }));

Deno.test("particles are nearest to the volume that they were made around", () =>
  withFolder(async (folder) => {
    const { places } = await makeDrgnFolder(folder);
    const found = await findKmeans(folder, {});
    const latent = await readLatent(found);
    const { centres, centreParticles } = await readKmeans(found);
    assert.ok(latent !== undefined && centres !== undefined);
    assert.deepStrictEqual(nearestCentres(latent, centres), places);
    assert.deepStrictEqual(nearestCentres(latent, centres, 10, 20), places.slice(10, 20));
    assert.deepStrictEqual(nearestCentres(centres, latent), centreParticles);
    assert.throws(
      () => nearestCentres({ ...latent, dimensions: 2 }, centres),
      /they have 2 and 3 coordinates/,
    );
    const values = latent.values.map((value, i) => i === 8 ? NaN : value);
    assert.throws(
      () => nearestCentres({ ...latent, values }, centres),
      /the coordinates of particle 2 are not finite/,
    );
    await Deno.writeFile(`${folder}/z.9.pkl`, pickleIndices(Int32Array.of(1)));
    await assert.rejects(readLatent(found), /holds no array of particles by coordinates/);
    await Deno.remove(`${folder}/z.9.pkl`);
    assert.strictEqual(await readLatent(found), undefined);
  }));

Deno.test("states of a landscape are read by the numbers of their files", () =>
  withFolder(async (folder) => {
    await makeDrgnFolder(folder, { kind: "landscape" });
    const found = await findKmeans(folder, {});
    const path = `${folder}/landscape.9/sketch_clustering_average_2`;
    await assert.rejects(readStates(found), /it has no sketch_clustering_\*/);
    await Deno.mkdir(path);
    const write = (...states: number[]) =>
      Deno.writeFile(`${path}/state_labels.pkl`, pickleIndices(Int32Array.from(states)));
    await write(1, 2, 2, 1, 2);
    const one = pickleIndices(Int32Array.of(9, 5)), two = pickleIndices(Int32Array.of(7));
    await Deno.writeFile(`${path}/state_1_particle_ind.pkl`, one);
    await assert.rejects(readStates(found), /it has a state 2, of which .* has no file/);
    await Deno.writeFile(`${path}/state_002_particle_ind.pkl`, two);
    const states = await readStates(found);
    assert.deepStrictEqual(volumesOfStates(states, [2]), new Set([1, 2, 4]));
    assert.deepStrictEqual(await listedParticles(states, [1, 2]), Int32Array.of(5, 7, 9));
    assert.throws(() => volumesOfStates(states, [0]), /has no state 0/);
    await write(1, 2, 2);
    await assert.rejects(readStates(found), /has states for 3 volumes, and kmeans5 has 5/);
    await Deno.mkdir(`${folder}/landscape.9/clustering_L2_average_3`);
    await assert.rejects(readStates(found), /several .* \(clustering_L2_average_3, sketch_/);
    await assert.rejects(readStates(found, "sketch_clustering_average_2"), /states for 3 volumes/);
  }));
