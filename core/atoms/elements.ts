/**
 * The chemical elements.
 *
 * @module
 */

// Ordered by atomic number, hydrogen first.
const elements =
  ("H HE LI BE B C N O F NE NA MG AL SI P S CL AR K CA SC TI V CR MN FE CO NI CU ZN GA " +
    "GE AS SE BR KR RB SR Y ZR NB MO TC RU RH PD AG CD IN SN SB TE I XE CS BA LA CE PR ND PM SM EU GD " +
    "TB DY HO ER TM YB LU HF TA W RE OS IR PT AU HG TL PB BI PO AT RN FR RA AC TH PA U NP PU AM CM BK CF")
    .split(" ");
const atomicNumbers = new Map(elements.map((symbol, i) => [symbol, i + 1]));
atomicNumbers.set("D", 1);

/**
 * The atomic number of an element, or undefined where there is no such element.
 *
 * @param symbol In any case; D is hydrogen.
 */
export function atomicNumberOf(symbol: string): number | undefined {
  return atomicNumbers.get(symbol.toUpperCase());
}
