/**
 * Reading the atoms of mmCIF files.
 *
 * Follows the PDBx/mmCIF dictionary (mmcif_pdbx_v50), category `atom_site`.
 *
 * @module
 */
import { type AtomicModel, type AtomRecord, gatherChains, type ModelOptions } from "./chains.ts";
import { type CifTokens, cifTokens, isCif } from "./cif_tokens.ts";
import { atomicNumberOf } from "./elements.ts";

const CATEGORY = "_atom_site.";

/** A value; undefined where the file says that it is unknown or does not apply. */
type Value = string | undefined;

/** Takes the values of a table, row by row. */
interface Rows {
  /** Takes a row: as many values as there are columns. */
  row(values: readonly Value[], tokens: CifTokens): void;
}

/**
 * Reads the chains of an mmCIF file: the atoms of its first model. Of alternative locations the first of
 * each atom is kept. A chain is named `auth_asym_id`, or `label_asym_id` where that is asked for or the
 * other is missing.
 *
 * @param text Contents of the file.
 * @param file Name of the file, for messages and for the chains.
 * @throws {InputError} Naming file and line, where the file is no CIF, or an atom's coordinates or element
 *   cannot be read; or where it holds no atoms, or those of several entries.
 * @example
 * ```ts
 * import { parseMmcif } from "./mmcif.ts";
 * import assert from "node:assert";
 *
 * const text = `data_ONE
 * loop_
 * _atom_site.type_symbol
 * _atom_site.auth_asym_id
 * _atom_site.auth_seq_id
 * _atom_site.Cartn_x
 * _atom_site.Cartn_y
 * _atom_site.Cartn_z
 * C AA 9 11.104 6.134 -6.504`;
 * const { chains: [chain] } = parseMmcif(text, "one.cif");
 * assert.deepStrictEqual(chain, {
 *   file: "one.cif",
 *   id: "AA",
 *   atoms: [{ x: 11.104, y: 6.134, z: -6.504, atomicNumber: 6, residue: "9" }],
 * });
 * ```
 */
export function parseMmcif(text: string, file: string, options: ModelOptions = {}): AtomicModel {
  const tokens = cifTokens(text, file);
  if (!isCif(text)) throw tokens.error("begins no data block: it is no mmCIF file");
  const gathered = gatherChains(file, options);
  let tables = 0;
  /** Begins the table of atoms, of which a file has one. */
  const begin = (names: readonly string[]): Rows => {
    if (tables++ > 0) {
      throw tokens.error(
        "begins the atoms of another entry",
        "Write each entry to a file of its own.",
      );
    }
    return atomRows(names, options, gathered.add, tokens);
  };

  // A table of one row may stand as pairs of name and value.
  let pairs: { names: string[]; values: Value[] } | undefined;
  const endPairs = () => {
    if (pairs === undefined) return;
    const { names, values } = pairs;
    pairs = undefined;
    begin(names).row(values, tokens);
  };
  for (;;) {
    switch (tokens.kind) {
      case "end":
        endPairs();
        return gathered.model();
      case "data":
        endPairs();
        tokens.next();
        break;
      case "save":
        tokens.next();
        break;
      case "loop":
        tokens.next();
        readLoop(tokens, begin);
        break;
      case "name": {
        const name = tokens.text;
        tokens.next();
        const value = takeValue(tokens, name);
        if (!name.startsWith(CATEGORY)) break;
        pairs ??= { names: [], values: [] };
        pairs.names.push(name);
        pairs.values.push(value);
        break;
      }
      default:
        throw tokens.error(`has a value without a name (${shortened(tokens.text)})`);
    }
  }
}

/** Reads a loop, and gives its rows away if they are atoms. */
function readLoop(tokens: CifTokens, begin: (names: readonly string[]) => Rows): void {
  const names: string[] = [];
  for (; tokens.kind === "name"; tokens.next()) names.push(tokens.text);
  if (names.length === 0) throw tokens.error("has a loop without names");
  const rows = names.some((name) => name.startsWith(CATEGORY)) ? begin(names) : undefined;
  const values: Value[] = new Array(names.length);
  let column = 0;
  while (tokens.kind === "value" || tokens.kind === "quoted") {
    values[column++] = valueOf(tokens);
    if (column === names.length) {
      rows?.row(values, tokens);
      column = 0;
    }
    tokens.next();
  }
  if (column > 0) {
    throw tokens.error(
      `ends a loop in the middle of a row (${column} of ${names.length} values)`,
      "The file is cut short or damaged: copy or make it anew.",
    );
  }
}

function takeValue(tokens: CifTokens, name: string): Value {
  if (tokens.kind !== "value" && tokens.kind !== "quoted") {
    throw tokens.error(`should have the value of ${name}`);
  }
  const value = valueOf(tokens);
  tokens.next();
  return value;
}

function valueOf({ kind, text }: CifTokens): Value {
  return kind === "value" && (text === "." || text === "?") ? undefined : text;
}

/** Makes atoms of the rows of `atom_site`. */
function atomRows(
  names: readonly string[],
  { chainNames = "auth" }: ModelOptions,
  add: (record: AtomRecord) => void,
  tokens: CifTokens,
): Rows {
  const column = (name: string) => names.indexOf(CATEGORY + name.toLowerCase());
  const needed = (name: string) => {
    const found = column(name);
    if (found >= 0) return found;
    throw tokens.error(
      `begins atoms without ${CATEGORY}${name}`,
      "Write the model as PDBx/mmCIF, with Cartesian coordinates and elements.",
    );
  };
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw tokens.error(`has a table with a name twice (${twice})`);
  const at = {
    x: needed("Cartn_x"),
    y: needed("Cartn_y"),
    z: needed("Cartn_z"),
    element: needed("type_symbol"),
    chain: (chainNames === "auth" ? ["auth_asym_id", "label_asym_id"] : ["label_asym_id"]).map(
      column,
    ),
    residue: ["auth_seq_id", "label_seq_id"].map(column),
    residueName: ["auth_comp_id", "label_comp_id"].map(column),
    name: ["auth_atom_id", "label_atom_id"].map(column),
    insertion: column("pdbx_PDB_ins_code"),
    alternative: column("label_alt_id"),
    model: column("pdbx_PDB_model_num"),
  };
  if (chainNames === "label") needed("label_asym_id");
  let model: { readonly number: Value } | undefined;
  return {
    row(values, tokens) {
      const first = (columns: readonly number[]) => {
        for (const column of columns) if (values[column] !== undefined) return values[column];
        return undefined;
      };
      model ??= { number: values[at.model] };
      if (values[at.model] !== model.number) return;
      const x = coordinate(values[at.x], "Cartn_x", tokens);
      const y = coordinate(values[at.y], "Cartn_y", tokens);
      const z = coordinate(values[at.z], "Cartn_z", tokens);
      const symbol = values[at.element];
      const atomicNumber = atomicNumberOf((symbol ?? "").replace(/\d*[+-]$/, ""));
      if (atomicNumber === undefined) {
        throw tokens.error(
          `has an unknown element (${JSON.stringify(symbol ?? "?")})`,
          "Elements stand in _atom_site.type_symbol.",
        );
      }
      add({
        x,
        y,
        z,
        atomicNumber,
        chain: first(at.chain) ?? " ",
        residue: (first(at.residue) ?? "") + (values[at.insertion] ?? ""),
        residueName: first(at.residueName) ?? "",
        name: first(at.name) ?? "",
        alternative: values[at.alternative] ?? "",
      });
    },
  };
}

/** A number, with or without its uncertainty in parentheses. */
function coordinate(value: Value, name: string, tokens: CifTokens): number {
  const digits = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?:\(\d+\))?$/.exec(value ?? "")?.[1];
  const number = Number(digits);
  if (digits !== undefined && Number.isFinite(number)) return number;
  throw tokens.error(
    `ends an atom whose ${name} is no number (${JSON.stringify(shortened(value ?? "?"))})`,
  );
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
