/**
 * The work file on its way to the site.
 *
 * @module
 */
import { isThere, writeWhole } from "../../core/files.ts";
import { shardsFolder } from "../shards.ts";
import type { Driving } from "./driving.ts";
import type { Estimate } from "./plan.ts";

/** Brings the work file to the site, and gives its name. */
export async function bringWork(
  { folder, stage, site, surroundings }: Driving,
  plan: Estimate,
): Promise<string> {
  const { transport, file } = site;
  const name = `${stage.name}-${stage.key.slice(0, 16)}.arrow`;
  const here = `${folder}/slurm/work/${name}`, there = `${file.folder}/slurm/work/${name}`;
  if (!await isThere(here)) {
    await Deno.mkdir(`${folder}/slurm/work`, { recursive: true });
    await writeWhole(here, plan.work());
  }
  await transport.makeFolder(shardsFolder(file.folder, stage.name));
  if (file.shared) return name;
  const { size } = await Deno.stat(here);
  await transport.makeFolder(`${file.folder}/slurm/work`);
  const known = (await transport.list(`${file.folder}/slurm/work`) ?? []).find((entry) =>
    entry.name === name
  );
  if (known?.bytes === size) return name; // it got its name after its checksum was right
  await transport.upload(here, there, {
    tell: (done, total) =>
      surroundings.tell({
        kind: "progress",
        stage: `upload ${stage.name}`,
        done,
        total,
        unit: "bytes",
      }),
  });
  return name;
}
