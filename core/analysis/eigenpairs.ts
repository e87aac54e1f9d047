/**
 * The largest eigenvalues of a symmetric matrix and their eigenvectors.
 *
 * @module
 */
import { random } from "../random.ts";

/** Some eigenvalues, falling, and an eigenvector of length 1 for each. */
export interface Eigenpairs {
  readonly values: readonly number[];
  /** Each of length n. */
  readonly vectors: readonly Float64Array[];
}

/** Vectors at the start, more than are wanted, so that equal eigenvalues are found as often as they occur. */
const SPARE = 6;

/** Widest basis in which the matrix is solved as a whole. */
const WIDEST = 128;

/** A pair is found when what the matrix makes of its vector is off by this share of the largest eigenvalue. */
const TOLERANCE = 1e-8;

/** Rounds after which what is found is good enough: eigenvalues that close to each other are as good as equal. */
const ROUNDS = 12;

/**
 * The largest eigenvalues of a positive semidefinite matrix: block Krylov spaces with restarts (C. Musco &
 * C. Musco, "Randomized block Krylov methods", NIPS 2015), orthogonalised twice, and the Rayleigh-Ritz
 * method in them. The start is drawn from a fixed seed: the same matrix gives the same bits.
 *
 * @param matrix n x n, row by row, symmetric, without negative eigenvalues but for rounding.
 * @param wanted Number of pairs, 1 to n.
 * @returns As many as wanted. The sign of a vector is such that its entry of the greatest magnitude, the
 *   first of equals, is positive.
 * @example
 * ```ts
 * import { largestEigenpairs } from "./eigenpairs.ts";
 * import assert from "node:assert";
 *
 * const { values, vectors } = largestEigenpairs(Float64Array.of(2, 1, 1, 2), 1);
 * assert.ok(Math.abs(values[0]! - 3) < 1e-12);
 * assert.ok(vectors[0]!.every((x) => Math.abs(x - Math.SQRT1_2) < 1e-9));
 * ```
 */
export function largestEigenpairs(matrix: Float64Array, wanted: number): Eigenpairs {
  const n = Math.round(Math.sqrt(matrix.length));
  const rng = random(0);
  const drawn = () => Float64Array.from({ length: n }, () => rng.uniform() - 0.5);
  const block = Math.min(n, wanted + SPARE);
  const width = Math.min(n, Math.max(WIDEST, 2 * block));
  let start: Float64Array[] = Array.from({ length: block }, drawn);
  for (let round = 1;; round++) {
    const basis: Float64Array[] = [];
    const images: Float64Array[] = [];
    let latest = start;
    while (basis.length < width) {
      const added: Float64Array[] = [];
      for (const vector of latest) {
        if (basis.length === width) break;
        if (!orthonormalise(vector, basis)) continue;
        basis.push(vector);
        added.push(vector);
      }
      const made = times(matrix, added);
      images.push(...made);
      // Where the space is closed, what else there is must come from elsewhere.
      latest = made.length > 0 ? made.map((image) => image.slice()) : [drawn()];
    }
    const small = new Float64Array(width * width);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) {
        small[i * width + j] = small[j * width + i] = dot(basis[i]!, images[j]!);
      }
    }
    const { values, vectors } = jacobi(small);
    const found = vectors.slice(0, block).map((vector) => combine(basis, vector));
    const seen = vectors.slice(0, wanted).map((vector) => combine(images, vector));
    const worst = seen.reduce(
      (most, image, k) => Math.max(most, distance(image, found[k]!, values[k]!)),
      0,
    );
    if (width === n || round === ROUNDS || worst <= TOLERANCE * Math.abs(values[0]!)) {
      const kept = found.slice(0, wanted);
      kept.forEach(fixSign);
      return { values: values.slice(0, wanted), vectors: kept };
    }
    start = found;
  }
}

/** Takes what is along a basis out of a vector, twice, and scales it to 1; false where nothing is left. */
function orthonormalise(vector: Float64Array, basis: readonly Float64Array[]): boolean {
  const before = Math.sqrt(dot(vector, vector));
  for (let pass = 0; pass < 2; pass++) {
    for (const other of basis) {
      const along = dot(vector, other);
      for (let i = 0; i < vector.length; i++) vector[i]! -= along * other[i]!;
    }
  }
  const length = Math.sqrt(dot(vector, vector));
  if (!(length > 1e-10 * before)) return false;
  for (let i = 0; i < vector.length; i++) vector[i]! /= length;
  return true;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The matrix times each vector. All at once, so that it is read once. */
function times(matrix: Float64Array, vectors: readonly Float64Array[]): Float64Array[] {
  const n = Math.round(Math.sqrt(matrix.length));
  const images = vectors.map(() => new Float64Array(n));
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < vectors.length; k++) {
      const vector = vectors[k]!;
      let sum = 0;
      for (let i = 0, at = row * n; i < n; i++, at++) sum += matrix[at]! * vector[i]!;
      images[k]![row] = sum;
    }
  }
  return images;
}

/** The vectors times the shares, summed. */
function combine(vectors: readonly Float64Array[], shares: Float64Array): Float64Array {
  const sum = new Float64Array(vectors[0]!.length);
  vectors.forEach((vector, k) => {
    for (let i = 0; i < sum.length; i++) sum[i]! += shares[k]! * vector[i]!;
  });
  return sum;
}

/** Distance of a vector from another times a factor. */
function distance(a: Float64Array, b: Float64Array, factor: number): number {
  let square = 0;
  for (let i = 0; i < a.length; i++) square += (a[i]! - factor * b[i]!) ** 2;
  return Math.sqrt(square);
}

function fixSign(vector: Float64Array): void {
  let greatest = 0;
  for (let i = 1; i < vector.length; i++) {
    // Of two that are equal but for rounding, the first.
    if (Math.abs(vector[i]!) > Math.abs(vector[greatest]!) * (1 + 1e-9)) greatest = i;
  }
  if (vector[greatest]! < 0) { for (let i = 0; i < vector.length; i++) vector[i] = -vector[i]!; }
}

/**
 * All eigenpairs of a small symmetric matrix, which is overwritten: rotations of Jacobi (1846), row by row,
 * until nothing is left outside of the diagonal.
 */
export function jacobi(matrix: Float64Array): Eigenpairs {
  const n = Math.round(Math.sqrt(matrix.length));
  const vectors = Array.from({ length: n }, (_, k) => {
    const vector = new Float64Array(n);
    vector[k] = 1;
    return vector;
  });
  const scale = Math.sqrt(dot(matrix, matrix));
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = matrix[p * n + q]!;
        off = Math.max(off, Math.abs(apq));
        if (Math.abs(apq) <= 1e-17 * scale) continue;
        const theta = (matrix[q * n + q]! - matrix[p * n + p]!) / (2 * apq);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1), s = t * c;
        for (let k = 0; k < n; k++) {
          const kp = matrix[k * n + p]!, kq = matrix[k * n + q]!;
          matrix[k * n + p] = c * kp - s * kq;
          matrix[k * n + q] = s * kp + c * kq;
        }
        rotate(matrix.subarray(p * n, p * n + n), matrix.subarray(q * n, q * n + n), c, s);
        rotate(vectors[p]!, vectors[q]!, c, s);
      }
    }
    if (off <= 1e-15 * scale) break;
  }
  const order = vectors.map((_, k) => k)
    .sort((i, j) => matrix[j * n + j]! - matrix[i * n + i]! || i - j);
  return { values: order.map((k) => matrix[k * n + k]!), vectors: order.map((k) => vectors[k]!) };
}

function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let k = 0; k < a.length; k++) {
    const x = a[k]!, y = b[k]!;
    a[k] = c * x - s * y;
    b[k] = s * x + c * y;
  }
}
