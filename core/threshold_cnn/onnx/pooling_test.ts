import assert from "node:assert";
import fc from "fast-check";
import { GraphBuilder } from "./graph_builder.ts";
import { pool, unpool } from "./pooling.ts";
import { loadRuntime, openSession } from "./runtime.ts";

/** Pools voxel by voxel: what comes out, and where each gradient goes. */
function plain(volume: Float32Array, gradient: Float32Array, channels: number, edge: number) {
  const half = Math.floor(edge / 2);
  const value = new Float32Array(gradient.length), back = new Float32Array(volume.length);
  const at = (z: number, c: number, y: number, x: number) =>
    ((z * channels + c) * edge + y) * edge + x;
  for (let i = 0; i < gradient.length; i++) {
    const [x, y] = [i % half, Math.floor(i / half) % half];
    const [c, z] = [Math.floor(i / half ** 2) % channels, Math.floor(i / half ** 2 / channels)];
    let best = at(2 * z, c, 2 * y, 2 * x);
    for (let corner = 1; corner < 8; corner++) {
      const one = at(
        2 * z + (corner >> 2),
        c,
        2 * y + (corner >> 1 & 1),
        2 * x + (corner & 1),
      );
      if (volume[one]! > volume[best]!) best = one;
    }
    value[i] = volume[best]!;
    back[best] = gradient[i]!;
  }
  return { value, back };
}

Deno.test("the first of the greatest voxels is taken, and gets the gradient", async () => {
  const runtime = await loadRuntime();
  for (const [channels, edge] of [[3, 4], [2, 5]] as const) {
    const half = Math.floor(edge / 2);
    const shape = [edge, channels, edge, edge], small = [half, channels, half, half];
    const graph = new GraphBuilder();
    const pooled = pool(graph, graph.input("volume", shape), channels, edge);
    graph.output("value", pooled.value, small);
    const gradient = graph.input("gradient", small);
    graph.output("back", unpool(graph, gradient, pooled, channels, edge), shape);
    const session = await openSession(runtime, graph.model(), 1);
    // Few different numbers, so that many windows have several of the greatest.
    const numbers = (count: number, largest: number) =>
      fc.array(fc.integer({ min: -2, max: largest }), { minLength: count, maxLength: count })
        .map((values) => Float32Array.from(values));
    await fc.assert(
      fc.asyncProperty(
        numbers(edge ** 3 * channels, 2),
        numbers(half ** 3 * channels, 100),
        async (volume, gradient) => {
          const { value, back } = await session.run({
            volume: new runtime.Tensor("float32", volume, shape),
            gradient: new runtime.Tensor("float32", gradient, small),
          });
          const expected = plain(volume, gradient, channels, edge);
          assert.deepStrictEqual(value?.data, expected.value);
          assert.deepStrictEqual(back?.data, expected.back);
        },
      ),
      { numRuns: 30 },
    );
    await session.release();
  }
});
