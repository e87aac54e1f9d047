/**
 * Gaussian noise for simulated volumes.
 *
 * @module
 */
import type { Random } from "../random.ts";

/** Blurs a box^3 volume with a kernel of odd length along one axis; the box wraps around. */
function blurAxis(
  from: Float32Array,
  to: Float32Array,
  box: number,
  stride: number,
  kernel: Float64Array,
): void {
  const half = (kernel.length - 1) / 2;
  const line = new Float64Array(box);
  const span = stride * box;
  for (let outer = 0; outer < from.length; outer += span) {
    for (let inner = 0; inner < stride; inner++) {
      const start = outer + inner;
      for (let i = 0; i < box; i++) line[i] = from[start + i * stride]!;
      for (let i = 0; i < box; i++) {
        let sum = 0;
        let j = (((i - half) % box) + box) % box;
        for (let k = 0; k < kernel.length; k++) {
          sum += kernel[k]! * line[j]!;
          if (++j === box) j = 0;
        }
        to[start + i * stride] = sum;
      }
    }
  }
}

/**
 * Adds normal noise to a volume.
 *
 * @param volume box^3 voxels, changed in place.
 * @param sd Standard deviation of the noise in each voxel.
 * @param blur 0 for white noise (every voxel by itself); else the standard deviation in voxels of the
 *   Gaussian that the noise is blurred with, across the faces of the box. Its standard deviation is `sd` all the same.
 */
export function addNoise(
  volume: Float32Array,
  box: number,
  sd: number,
  blur: number,
  rng: Random,
): void {
  if (sd === 0) return;
  if (blur === 0) {
    for (let v = 0; v < volume.length; v++) volume[v]! += sd * rng.normal();
    return;
  }
  const half = Math.ceil(4 * blur);
  const kernel = Float64Array.from(
    { length: 2 * half + 1 },
    (_, i) => Math.exp(-0.5 * ((i - half) / blur) ** 2),
  );
  // Wrapping adds taps that fall on the same voxel, so the gain is that of the wrapped kernel.
  const wrapped = new Float64Array(box);
  kernel.forEach((tap, i) => wrapped[i % box]! += tap);
  const gain = Math.hypot(...wrapped);
  kernel.forEach((tap, i) => kernel[i] = tap / gain);

  const noise = new Float32Array(volume.length);
  for (let v = 0; v < noise.length; v++) noise[v] = rng.normal();
  const other = new Float32Array(volume.length);
  blurAxis(noise, other, box, 1, kernel);
  blurAxis(other, noise, box, box, kernel);
  blurAxis(noise, other, box, box * box, kernel);
  for (let v = 0; v < volume.length; v++) volume[v]! += sd * other[v]!;
}
