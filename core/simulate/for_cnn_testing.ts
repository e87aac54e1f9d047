/**
 * Models for tests; no part of the program.
 *
 * @module
 */

/** Coiled chains of 400 carbon atoms side by side, as a PDB file. */
export function helices(chains: number): string {
  const lines: string[] = [];
  for (let chain = 0; chain < chains; chain++) {
    for (let i = 0; i < 400; i++) {
      const radius = 4 + i % 3 * 2;
      const [x, y, z] = [
        radius * Math.cos(i) + 14 * (chain % 2),
        radius * Math.sin(i) + 14 * Math.floor(chain / 2),
        i / 10,
      ].map((position) => position.toFixed(3).padStart(8));
      const number = String(i + 1);
      lines.push(
        `ATOM  ${number.padStart(5)}  CA  ALA ${"ABCDEFGH"[chain]}${
          number.padStart(4)
        }    ${x}${y}${z}`,
      );
    }
  }
  return lines.join("\n");
}
