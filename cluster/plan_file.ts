/**
 * `shards/STAGE/plan.json`: how many shards a stage has and what they belong to, for whoever looks at a
 * run from outside.
 *
 * @module
 */
import { z } from "zod";
import { readIfThere, writeWhole } from "../core/files.ts";

const PlanSchema = z.strictObject({
  /** Name of the stage. */
  name: z.string(),
  /** What its shards depend on, as a fingerprint. */
  key: z.string(),
  /** Number of shards. */
  shards: z.number().int().gte(0),
});

/** What plan.json says. */
export type Plan = z.infer<typeof PlanSchema>;

const pathOf = (folder: string, stage: string) => `${folder}/shards/${stage}/plan.json`;

/** Writes a stage's plan, whole. */
export async function writePlan(folder: string, plan: Plan): Promise<void> {
  await writeWhole(pathOf(folder, plan.name), JSON.stringify(plan) + "\n");
}

/** Reads a stage's plan; undefined where there is none yet, or it is damaged (it is written again on resume). */
export async function readPlan(folder: string, stage: string): Promise<Plan | undefined> {
  const bytes = await readIfThere(pathOf(folder, stage));
  if (bytes === undefined) return undefined;
  try {
    return PlanSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}
