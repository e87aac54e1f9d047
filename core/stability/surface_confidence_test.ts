import assert from "node:assert";
import { surfaceConfidence } from "./surface_confidence.ts";

Deno.test("blocks keep their confidences, their neighbours get the mean, the rest stays empty", () => {
  const box = 5, at = (z: number, y: number, x: number) => (z * box + y) * box + x;
  const confidence = new Float32Array(box ** 3), inBlocks = new Uint8Array(box ** 3);
  confidence[at(1, 1, 1)] = 0.2;
  confidence[at(1, 1, 2)] = 0.6;
  inBlocks[at(1, 1, 1)] = inBlocks[at(1, 1, 2)] = 1;
  const filled = surfaceConfidence(confidence, inBlocks, box);
  const near = (voxel: number, value: number) =>
    assert.ok(Math.abs(filled[voxel]! - value) < 1e-6, `${filled[voxel]}`);
  near(at(1, 1, 1), 0.2);
  near(at(1, 1, 2), 0.6);
  near(at(0, 0, 1), 0.4);
  near(at(1, 1, 0), 0.2);
  near(at(2, 0, 3), 0.6);
  // Neither over the box's edge nor further than one voxel.
  near(at(1, 1, 4), 0);
  near(at(3, 1, 1), 0);
  near(at(1, 4, 1), 0);
});

Deno.test("a voxel that is surely in no block's match is filled in too", () => {
  const filled = surfaceConfidence(new Float32Array(8), Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 2);
  assert.deepStrictEqual([...filled], new Array(8).fill(0));
});
