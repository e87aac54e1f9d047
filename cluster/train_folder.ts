/**
 * The folder of a training: that it holds no other, and that nothing of anyone else's is replaced.
 *
 * @module
 */
import { InputError, RunError, UsageError } from "../core/errors.ts";
import { isThere, writeWhole } from "../core/files.ts";
import { refusal } from "../core/refusal.ts";
import { settingOf, type TrainingPlan } from "./train_description.ts";
import {
  formatSplit,
  mapsDifference,
  readTraining,
  settingDifference,
  type Training,
  writeTraining,
} from "./train_files.ts";
import { filesOf, trainingNames as names } from "./train_names.ts";

/**
 * Sees that the folder holds this training, as far as that can be told without its maps, or nothing that it
 * would overwrite. Nothing is written.
 *
 * @returns What is trained there, and is to be gone on with or, with `force`, thrown away.
 * @throws {RunError} Another training is there, and it is not to be replaced.
 * @throws {UsageError} A file that was given would be replaced.
 * @throws {InputError} training.json is damaged.
 */
export async function checkFolder(plan: TrainingPlan): Promise<Training | undefined> {
  const { command, engine, outdir, force } = plan;
  const there = await trainingIn(plan);
  await checkInputs(plan, there);
  if (there !== undefined && !force) {
    const setting = await settingOf(plan);
    const differs = settingDifference(there, setting);
    if (differs !== undefined) {
      const isEngine = there.command === command && there.engine !== setting.engine;
      throw otherTraining(
        outdir,
        differs,
        isEngine
          ? `Go on with the engine it was begun with (--engine; now ${engine.name}), or give`
          : "Give",
      );
    }
  }
  await checkStrangers(plan, there);
  return there;
}

/**
 * Sees that the folder is for this training, throws away what is there where that is wanted, and says in it
 * what it is.
 *
 * @throws {SirenError} As {@linkcode checkFolder}.
 */
export async function claimFolder(plan: TrainingPlan, training: Training): Promise<void> {
  const { command, outdir, force } = plan;
  const there = await checkFolder(plan);
  const split = `${outdir}/${names.split}`;
  if (there !== undefined && !force) {
    const differs = mapsDifference(there, training);
    if (differs !== undefined) throw otherTraining(outdir, differs);
    if (!await isThere(split)) await writeWhole(split, formatSplit(training));
    return;
  }
  // What says that it is a training goes first: a part of one is not to be gone on with.
  const files = new Set([
    ...filesOf(command),
    ...there === undefined ? [] : filesOf(there.command),
  ]);
  for (const file of files) {
    if (await isThere(`${outdir}/${file}`)) await Deno.remove(`${outdir}/${file}`);
  }
  await writeWhole(split, formatSplit(training));
  await writeTraining(outdir, training);
}

/** The error that another training is in the folder. */
export function otherTraining(outdir: string, differs: string, give = "Give"): RunError {
  return new RunError(
    `Cannot train in ${outdir}: another training is there (${differs})`,
    `${give} another --outdir, or --force to throw that training away.`,
  );
}

async function trainingIn({ outdir, force }: TrainingPlan): Promise<Training | undefined> {
  try {
    return await readTraining(outdir);
  } catch (error) {
    // A damaged description is no reason to keep what --force shall replace.
    if (force && error instanceof InputError) return undefined;
    throw error;
  }
}

/** Refuses to replace what the training is to be made of, whatever --force says. */
async function checkInputs(
  { command, outdir, inputs }: TrainingPlan,
  there: Training | undefined,
): Promise<void> {
  const files = new Set([
    ...filesOf(command),
    ...there === undefined ? [] : filesOf(there.command),
  ]);
  const ours = new Map<string, string>();
  for (const file of files) {
    const real = await realPath(`${outdir}/${file}`);
    if (real !== undefined) ours.set(real, file);
  }
  for (const input of inputs) {
    const file = ours.get(await realPath(input) ?? "");
    if (file === undefined) continue;
    throw new UsageError(
      `Cannot train in ${outdir}: ${file} there would be replaced, and it is a file that was given (${input})`,
      "Give another --outdir.",
    );
  }
}

/** Where a file really is; undefined where the system does not say: who reads the file says why. */
async function realPath(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (refusal(error) === undefined) throw error;
    return undefined;
  }
}

/** Refuses to replace files of which no training says that they are its own. */
async function checkStrangers(
  { command, outdir, force }: TrainingPlan,
  there: Training | undefined,
): Promise<void> {
  const known = there === undefined ? [names.training] : filesOf(there.command);
  for (const file of filesOf(command)) {
    if (known.includes(file) || !await isThere(`${outdir}/${file}`)) continue;
    if (there !== undefined) {
      throw new RunError(
        `Cannot train in ${outdir}: it holds ${file}, which is not of the training there`,
        "Give another --outdir, or take the file out of the folder.",
      );
    }
    if (force) continue;
    throw new RunError(
      `Cannot train in ${outdir}: it holds ${file}, but no ${names.training} that says of what`,
      "Give another --outdir, or --force to overwrite it.",
    );
  }
}
