/**
 * Colours for any number of blocks, told apart by people with red-green colour blindness too.
 *
 * @module
 */

/**
 * The first colours: Okabe & Ito, "Color universal design" (2008), without black, strongest on white first.
 */
const OKABE_ITO = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442"];

/** What no block may look like: the paper, the ink, and the consensus map's greys. */
const TAKEN = ["#ffffff", "#000000", "#e0e0e0", "#c0c0c0", "#a0a0a0", "#808080"];

/** OKLab lightness that shows on white and under a shadow, and a chroma that does not glare. */
const LIGHTEST = 0.88, DARKEST = 0.42, MOST_CHROMA = 0.24;

/** Levels of red, green and blue that the generated colours are picked from. */
const LEVELS = Array.from({ length: 17 }, (_, i) => Math.min(255, 16 * i));

/**
 * A palette: the first seven are Okabe and Ito's, each further one the colour that lies farthest from all
 * before it, in OKLab, for the eye that tells them apart least (see {@linkcode colourDistance}). So colours
 * depend on their rank alone: a longer palette begins with the shorter one. Beyond about 3,000 it repeats.
 *
 * @param count Number of colours, 0 or more.
 * @returns "#rrggbb", lower case.
 * @example
 * ```ts
 * import { palette } from "./colours.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(palette(2), ["#0072b2", "#d55e00"]);
 * assert.strictEqual(new Set(palette(60)).size, 60);
 * ```
 */
export function palette(count: number): string[] {
  const colours = OKABE_ITO.slice(0, count);
  if (count <= OKABE_ITO.length) return colours;

  const candidates = candidateColours();
  const seen = candidates.map((rgb) => eyes(rgb));
  const nearest = new Float64Array(candidates.length).fill(Infinity);
  const keepAwayFrom = (colour: EyeColours) => {
    for (let i = 0; i < nearest.length; i++) {
      nearest[i] = Math.min(nearest[i]!, distance(seen[i]!, colour));
    }
  };
  for (const hex of [...TAKEN, ...OKABE_ITO]) keepAwayFrom(eyes(parseHex(hex)));
  while (colours.length < count && colours.length < candidates.length) {
    let farthest = 0;
    for (let i = 1; i < nearest.length; i++) if (nearest[i]! > nearest[farthest]!) farthest = i;
    colours.push(formatHex(candidates[farthest]!));
    keepAwayFrom(seen[farthest]!);
  }
  for (let i = 0; colours.length < count; i++) colours.push(colours[i]!);
  return colours;
}

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Reads "#rrggbb". */
export function parseHex(hex: string): Rgb {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function formatHex(rgb: Rgb): string {
  return "#" + rgb.map((level) => level.toString(16).padStart(2, "0")).join("");
}

function candidateColours(): Rgb[] {
  return LEVELS
    .flatMap((r) => LEVELS.flatMap((g) => LEVELS.map((b): Rgb => [r, g, b])))
    .filter((rgb) => {
      const [lightness, a, b] = okLab(linear(rgb));
      return lightness >= DARKEST && lightness <= LIGHTEST && Math.hypot(a, b) <= MOST_CHROMA;
    });
}

type Vector = readonly [number, number, number];

/** A colour in OKLab as a normal, a protan and a deutan eye sees it. */
type EyeColours = readonly [Vector, Vector, Vector];

function eyes(rgb: Rgb): EyeColours {
  const light = linear(rgb);
  return [okLab(light), okLab(times(PROTAN, light)), okLab(times(DEUTAN, light))];
}

/** Euclidean distance in OKLab for the eye that tells the two colours apart least, weighted. */
function distance(a: EyeColours, b: EyeColours): number {
  let least = Infinity;
  for (let eye = 0; eye < 3; eye++) {
    const p = a[eye]!, q = b[eye]!;
    const square = (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 + (p[2] - q[2]) ** 2;
    least = Math.min(least, EYE_WEIGHTS[eye]! * square);
  }
  return Math.sqrt(least);
}

/** Of squared distances. At equal weights, blues and violets, which all three eyes tell apart, crowd the rest out. */
const EYE_WEIGHTS = [1, 4, 4];

/**
 * How far apart two colours ("#rrggbb") are in OKLab, for the eye that tells them apart least: normal, or
 * protan or deutan, whose distances count double. Black and white are 1 apart.
 */
export function colourDistance(a: string, b: string): number {
  return distance(eyes(parseHex(a)), eyes(parseHex(b)));
}

/** sRGB to linear light (IEC 61966-2-1). */
function linear(rgb: Rgb): Vector {
  const decode = (level: number) => {
    const c = level / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return [decode(rgb[0]), decode(rgb[1]), decode(rgb[2])];
}

type Matrix = readonly [Vector, Vector, Vector];

function times(matrix: Matrix, vector: Vector): Vector {
  const row = ([a, b, c]: Vector) => a * vector[0] + b * vector[1] + c * vector[2];
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
}

// Linear light to what a dichromat sees: Machado, Oliveira & Fernandes, IEEE TVCG 15 (2009), severity 1.
const PROTAN: Matrix = [
  [0.152286, 1.052583, -0.204868],
  [0.114503, 0.786281, 0.099216],
  [-0.003882, -0.048116, 1.051998],
];
const DEUTAN: Matrix = [
  [0.367322, 0.860646, -0.227968],
  [0.280085, 0.672501, 0.047413],
  [-0.01182, 0.04294, 0.968881],
];

/** Linear light to OKLab: B. Ottosson, "A perceptual color space for image processing" (2020). */
function okLab(light: Vector): Vector {
  const cones = times([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
  ], light);
  return times([
    [0.2104542553, 0.793617785, -0.0040720468],
    [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
  ], [Math.cbrt(cones[0]), Math.cbrt(cones[1]), Math.cbrt(cones[2])]);
}
