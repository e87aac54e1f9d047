/**
 * Colours of what is measured. Each scale is told apart by its lightness alone.
 *
 * @module
 */

type Rgb = readonly [number, number, number];

/** From nothing, which is nearly the paper, to everything. */
const OCCUPANCY: Readonly<Record<"light" | "dark", readonly Rgb[]>> = {
  light: [[243, 245, 248], [198, 219, 236], [120, 174, 214], [46, 118, 178], [12, 62, 120], [
    5,
    30,
    66,
  ]],
  dark: [[30, 35, 42], [24, 62, 100], [28, 104, 156], [74, 152, 200], [146, 200, 230], [
    228,
    243,
    250,
  ]],
};

/** From never together by way of nothing to always together. */
const PHI: Readonly<Record<"light" | "dark", readonly Rgb[]>> = {
  light: [[166, 84, 0], [232, 155, 62], [249, 214, 168], [246, 247, 248], [176, 208, 232], [
    66,
    139,
    194,
  ], [8, 69, 130]],
  dark: [[255, 186, 102], [205, 122, 36], [104, 66, 26], [34, 39, 46], [28, 70, 108], [
    60,
    134,
    190,
  ], [166, 212, 242]],
};

/** Of clusters: Tol's muted scheme, which is no block's palette, darkest first. */
const CLUSTERS: Readonly<Record<"light" | "dark", readonly string[]>> = {
  light: [
    "#332288",
    "#117733",
    "#882255",
    "#999933",
    "#cc6677",
    "#44aa99",
    "#aa4499",
    "#6699cc",
    "#ddcc77",
  ],
  dark: [
    "#9d8fe8",
    "#4fb573",
    "#d9709f",
    "#c8c862",
    "#f0939f",
    "#6fd3c3",
    "#d986cc",
    "#93bfea",
    "#efe0a0",
  ],
};

/** The colour of a cluster, from 1. */
export function clusterColour(cluster: number, theme: "light" | "dark"): string {
  const colours = CLUSTERS[theme];
  return colours[(cluster - 1 + colours.length) % colours.length]!;
}

/** Maps shares, 0 to 1, to red, green and blue, 0 to 255. */
export function occupancyScale(theme: "light" | "dark"): (share: number) => Rgb {
  return scale(OCCUPANCY[theme]);
}

/** Maps phi, -1 to 1, to red, green and blue. */
export function phiScale(theme: "light" | "dark"): (phi: number) => Rgb {
  const at = scale(PHI[theme]);
  return (phi) => at((phi + 1) / 2);
}

/** A colour for CSS. */
export function css([r, g, b]: Rgb): string {
  return `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;
}

const known = new Map<string, string>();

/** A colour of the page by the name of its CSS variable. */
export function pageColour(name: string): string {
  const { theme = "" } = document.documentElement.dataset;
  const key = `${theme} ${name}`;
  let colour = known.get(key);
  if (colour === undefined) {
    colour = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    known.set(key, colour);
  }
  return colour;
}

function scale(stops: readonly Rgb[]): (share: number) => Rgb {
  return (share) => {
    const at = Math.min(1, Math.max(0, share || 0)) * (stops.length - 1);
    const below = Math.min(Math.floor(at), stops.length - 2), part = at - below;
    const from = stops[below]!, to = stops[below + 1]!;
    const mix = (channel: 0 | 1 | 2) => from[channel] + part * (to[channel] - from[channel]);
    return [mix(0), mix(1), mix(2)];
  };
}
