/**
 * The flags of commands that put atomic models on grids.
 *
 * @module
 */
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { MolmapOptionsSchema, MOST_BOX } from "../cluster/molmap_options.ts";
import { UsageError } from "../core/errors.ts";
import type { Vector } from "../core/mrc/grid.ts";
import { countReader, numberReader, textReader } from "./arguments.ts";
import { NeededOption, schemaFlags } from "./options.ts";

const MODELS = "Models:";
const GRID = "Grid:";

/** Reads a flag that takes several words. */
export function textsReader(flag: string): (text: string, before: unknown) => string[] {
  const read = textReader(flag);
  return (text, before) => [...(Array.isArray(before) ? before.map(String) : []), read(text)];
}

/** Reads a flag's list with commas between, and blanks after them; what is blank itself stays so. */
export function listReader(flag: string): (text: string) => string[] {
  const read = textReader(flag);
  return (text) => read(text).split(",").map((name) => name.trim() || name);
}

/** The flags that say which model, and how its density is computed. */
export function modelFlags(pdb: Option, group = MODELS): Option[] {
  const mandatory = pdb instanceof NeededOption;
  return [
    pdb.argParser(textsReader("--pdb")).helpGroup(group),
    ...schemaFlags(MolmapOptionsSchema.shape, {
      res: {
        value: "angstrom",
        help: "resolution of the density",
        mandatory,
      },
    }, MODELS),
    new Option("--chains <names>", "chains to take, as A,B; default all")
      .argParser(listReader("--chains")).helpGroup(MODELS),
    ...schemaFlags(MolmapOptionsSchema.shape, {
      by: { value: "what", help: "a map of each chain, or one of all chains of a model" },
      chain_names: {
        value: "whose",
        help: "whose names of chains are taken from mmCIF, the authors' or the archive's",
      },
      water: { help: "keep water, which is left out otherwise" },
      sampling: {
        value: "how",
        help: "how the density comes onto the grid",
        fallback: "resampled where voxels are larger than a third of the resolution",
      },
    }, MODELS),
  ];
}

/** `--origin`. */
function originFlag(): Option {
  const read = numberReader("--origin");
  return new Option(
    "--origin <x,y,z>",
    "position of the first voxel in Angstrom; default that of the map, else 0,0,0",
  )
    .argParser((text): Vector => {
      const [x, y, z, ...rest] = text.split(",").map(read);
      if (x === undefined || y === undefined || z === undefined || rest.length > 0) {
        throw new UsageError(`Cannot use --origin: it must be three numbers, x,y,z (${text})`);
      }
      return { x, y, z };
    }).helpGroup(GRID);
}

/** `--box`, `--apix` and the flags before them. */
export function gridFlags(texts: Readonly<Record<"map" | "box" | "apix", string>>): Option[] {
  return [
    new Option("--map <file>", texts.map).argParser(textReader("--map")).helpGroup(GRID),
    new Option("--box <voxels>", texts.box).argParser(countReader("--box", 1, MOST_BOX))
      .helpGroup(GRID),
    new Option("--apix <angstrom>", texts.apix).argParser(apixReader).helpGroup(GRID),
    originFlag(),
  ];
}

function apixReader(text: string): number {
  const apix = numberReader("--apix")(text);
  if (apix > 0) return apix;
  throw new UsageError(`Cannot use --apix: it must be more than 0 (${text})`);
}

const vector = z.strictObject({ x: z.number(), y: z.number(), z: z.number() });

const ModelFlagsSchema = z.object({
  pdb: z.array(z.string()).optional(),
  chains: z.array(z.string()).optional(),
  map: z.string().optional(),
  box: z.number().optional(),
  apix: z.number().optional(),
  origin: vector.optional(),
});

/** What was given for {@linkcode modelFlags} and {@linkcode gridFlags}. */
export function readModelFlags(command: CommandUnknownOpts): z.output<typeof ModelFlagsSchema> {
  return ModelFlagsSchema.parse(command.opts());
}
