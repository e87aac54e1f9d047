/**
 * Pictures of the report for the README: of a simulated assembly of the ribosome, at three sizes.
 *
 *     deno task pictures PDB_FOLDER
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { runAll, writeReport } from "../cluster/mod.ts";
import { type Page, startChromium } from "./chromium.ts";
import { siren } from "./processes.ts";
import { quietly, temporaryFolder } from "./surroundings.ts";

const VOLUMES = "300", BLOCKS = "10", BIN = 0.22;

/** A picture: its window, and what is done before it is taken. */
interface Shot {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly theme?: "dark";
  readonly prepare: string;
}

const scrollTo = (id: string) =>
  `document.getElementById("${id}").scrollIntoView({ behavior: "instant" });`;

const SHOTS: readonly Shot[] = [
  { name: "report_wide", width: 1920, height: 1200, prepare: "" },
  {
    name: "report_laptop",
    width: 1280,
    height: 860,
    prepare:
      `document.querySelector(".graph .node[data-block=b3]").dispatchEvent(new MouseEvent("click"));
      document.querySelector("tr[data-block=b8]").dispatchEvent(new MouseEvent("click", { ctrlKey: true }));
      document.querySelectorAll(".condition")[1].querySelector("button").click();
      ${scrollTo("occupancy")}`,
  },
  {
    name: "report_dark",
    width: 1280,
    height: 860,
    theme: "dark",
    prepare: `document.querySelector("[data-cluster='4']").click();
      document.querySelector("[aria-label='Next volume']").click();
      ${scrollTo("three-d")}`,
  },
  { name: "report_phone", width: 390, height: 844, prepare: scrollTo("three-d") },
];

/** Takes a picture when nothing moves any more. */
async function still(page: Page): Promise<Uint8Array<ArrayBuffer>> {
  for (let before = "";;) {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const picture = await page.screenshot();
    const now = picture.toBase64();
    if (now === before) return picture;
    before = now;
  }
}

const [models] = Deno.args;
if (models === undefined) {
  console.error("Give the folder of the PDB files: deno task pictures PDB_FOLDER");
  Deno.exit(2);
}
await using folder = await temporaryFolder();
const maps = `${folder.path}/maps`, run = `${folder.path}/ribosome`;
const files = Array.from(Deno.readDirSync(models), ({ name }) => `${models}/${name}`)
  .filter((path) => path.endsWith(".pdb")).sort();
const options = ["--volumes", VOLUMES, "--blocks", BLOCKS, "--outdir", maps, "--quiet"];
const simulated = await siren("simulate", ...files, ...options).output();
if (!simulated.success) throw new Error(new TextDecoder().decode(simulated.stderr));
await runAll({ voldir: maps, bin: BIN, rule: "phi" }, {}, run, quietly());
// Away from the run, whose folder would be another each time in the commands.
const { report } = await writeReport(run, { outfile: `${folder.path}/report.html` }, quietly());
await using browser = await startChromium();
for (const { name, width, height, theme = "light", prepare } of SHOTS) {
  await using page = await browser.open();
  await page.send("Emulation.setEmulatedMedia", {
    features: [{ name: "prefers-color-scheme", value: theme }],
  });
  await page.resize(width, height);
  await page.goTo(`file://${report}`);
  await page.until("document.querySelector('.stage').dataset.ready !== undefined");
  await page.evaluate(prepare);
  const path = fileURLToPath(new URL(`../docs/${name}.png`, import.meta.url));
  await Deno.writeFile(path, await still(page));
  console.log(path);
}
