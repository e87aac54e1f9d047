/**
 * Training in a folder: what `siren fine_tune` and `siren train` do. After each epoch all that is needed
 * to go on is there, and the same training begun again goes on. Its weights are then those of a training
 * that was never stopped: with ONNX Runtime to the byte, on processors of one kind; with TensorFlow.js as
 * far as its back end computes the same twice.
 *
 * @module
 */
import { makeFolder, removeTemporaries } from "../core/files.ts";
import { lockRun } from "./lock.ts";
import { describe, type TrainingJob, type TrainingSurroundings } from "./train_description.ts";
import { readResult, type TrainingResult } from "./train_files.ts";
import { checkFolder, claimFolder } from "./train_folder.ts";
import { TrainingRun } from "./train_run.ts";

/**
 * Trains the network, or goes on with a training that was stopped.
 *
 * @returns What came of it; of a training that is done already, what it wrote then.
 * @throws {SirenError} The maps, weights or folder cannot be used, or the loss is no longer a number.
 */
export async function train(
  job: TrainingJob,
  around: TrainingSurroundings,
): Promise<TrainingResult> {
  await checkFolder(job); // a folder of another training shows before all maps are read
  const training = await describe(job, around);
  await makeFolder(job.outdir);
  using _lock = await lockRun(job.outdir, { ...around, pid: Deno.pid });
  await removeTemporaries(job.outdir);
  await claimFolder(job, training);
  job.onBegun?.();
  const done = await readResult(job.outdir);
  if (done !== undefined) {
    around.tell({ kind: "note", text: `The training in ${job.outdir} was done already.` });
    return done;
  }
  return await new TrainingRun(job, training, around).complete();
}
