/** The report of a run in a browser, and `siren view`. */
import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { decode } from "fast-png";
import { makeReport, readReport, runAll, writeReport } from "../cluster/mod.ts";
import { readFinishedRun } from "../cluster/finished_run.ts";
import { analyse, formatPairsCsv, selectVolumes } from "../core/analysis/mod.ts";
import { isThere } from "../core/files.ts";
import { blockOccupancy, formatOccupancyCsv } from "../core/occupancy/mod.ts";
import { reportHtml } from "../core/report/page.ts";
import { testData } from "../page/testing.ts";
import { type Browser, hasChromium, type Page, startChromium } from "./chromium.ts";
import { simulatePhantoms } from "./phantoms.ts";
import { siren, sirenIn } from "./processes.ts";
import { quietly, temporaryFolder } from "./surroundings.ts";

const ignore = !hasChromium();

/** A run of four blocks, one of one, and one of none; made when they are first asked for. */
let runs: Promise<Runs> | undefined;
/** One browser for all. */
let browser: Promise<Browser> | undefined;

interface Runs extends AsyncDisposable {
  readonly folder: string;
  readonly four: string;
  readonly one: string;
  readonly none: string;
}

async function makeRuns(): Promise<Runs> {
  const folder = await temporaryFolder();
  const ensemble = await simulatePhantoms(`${folder.path}/maps`);
  const make = async (name: string, min_block_size: number) => {
    const path = `${folder.path}/${name}`;
    await runAll({ ...ensemble, rule: "phi", min_block_size }, {}, path, quietly());
    return path;
  };
  const four = await make("four blocks", 6);
  const { blocks } = await readFinishedRun(four);
  const sizes = blocks.map(({ voxels }) => voxels.length).sort((a, b) => b - a);
  return {
    folder: folder.path,
    four,
    one: await make("one", Math.ceil((sizes[0]! + sizes[1]!) / 4)),
    none: await make("none", 5000),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test.afterAll(async () => {
  await (await browser)?.[Symbol.asyncDispose]();
  await (await runs)?.[Symbol.asyncDispose]();
});

const theRuns = () => runs ??= makeRuns();

/** Opens a page in the browser that all tests share. */
async function openPage(): Promise<Page> {
  return await (await (browser ??= startChromium())).open();
}

/** Address of a file. */
const addressOf = (path: string) => `file://${path.split("/").map(encodeURIComponent).join("/")}`;

/** Opens the report of a run, which is written, and waits until it is drawn. */
async function openReport(folder: string, width = 1280): Promise<Page> {
  const { report } = await writeReport(folder, {}, quietly());
  const page = await openPage();
  await page.resize(width, 900);
  await page.goTo(addressOf(report));
  await page.until("document.querySelector('.stage')?.dataset.ready !== undefined");
  return page;
}

/** What no page may do: complain, or ask for anything but itself. */
function checkQuiet(page: Page): void {
  assert.deepStrictEqual(page.complaints, []);
  const outside = page.requests.filter((url) => !/^(?:file|data|blob):/.test(url));
  assert.deepStrictEqual(outside, []);
  assert.strictEqual(page.requests.filter((url) => url.startsWith("file:")).length, 1);
}

/** Pixels of an element, and how many of them are coloured rather than grey. */
async function look(page: Page, selector: string) {
  // Two frames, so that what was asked for is drawn.
  await page.evaluate("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))");
  const { data, channels, width, height } = decode(await page.screenshot(selector));
  let coloured = 0;
  for (let i = 0; i < data.length; i += channels) {
    const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!];
    if (Math.max(r, g, b) - Math.min(r, g, b) > 50) coloured++;
  }
  return { data, coloured, size: width * height };
}

const text = (page: Page, selector: string) =>
  page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.textContent`);

/** The blocks that an attribute marks in the table. */
const marked = (page: Page, attribute: string) =>
  page.evaluate<string[]>(
    `[...document.querySelectorAll("tr[data-block][${attribute}]")].map((row) => row.dataset.block).sort()`,
  );

Deno.test({
  name: "a report draws its blocks in 3-D, complains of nothing and asks for nothing",
  ignore,
  fn: async () => {
    const { four } = await theRuns();
    await using page = await openReport(four);
    const all = await look(page, ".stage");
    assert.ok(all.coloured > all.size / 50, `${all.coloured} of ${all.size} pixels are coloured`);
    // One block less, and none.
    await page.click("tr[data-block] input");
    const less = await look(page, ".stage");
    assert.ok(less.coloured < all.coloured && less.coloured > 0);
    await page.click("thead input");
    await page.click("thead input");
    const none = await look(page, ".stage");
    assert.ok(none.coloured < all.coloured / 20, `${none.coloured} of ${all.coloured} are left`);
    assert.deepStrictEqual(
      await page.evaluate(
        "[...document.querySelectorAll('tbody input')].map(({ checked }) => checked)",
      ),
      [false, false, false, false],
    );
    // Each picture has more than one colour.
    for (const picture of ["#occupancy .layers", "#components .layers", "#pairs .layers"]) {
      const { data } = await look(page, picture);
      assert.ok(new Set(data).size > 8, picture);
    }
    checkQuiet(page);
  },
});

Deno.test({
  name: "what is selected in one figure is selected in all, and comes out as a command",
  ignore,
  fn: async () => {
    const { four } = await theRuns();
    await using page = await openReport(four);
    const { union, blocks, volumes } = await readFinishedRun(four);
    const table = blockOccupancy(union.matrix, blocks, volumes);
    const analysis = analyse(table, {}, { voxels: union.matrix });
    const before = await look(page, "#occupancy .layers");
    const [name] = table.regions.map(({ name }) => name);

    await page.click(`tr[data-block=${name}] th`);
    assert.deepStrictEqual(await marked(page, "aria-selected=true"), [name]);
    const command = await text(page, "#command");
    const [, run, where] = /^siren volumes '(.*)' --where '(.*)'$/.exec(command) ?? [];
    assert.strictEqual(run, four);
    const meant = selectVolumes(analysis, where!).map((volume) => volumes[volume]);
    assert.ok(meant.length > 0 && meant.length < volumes.length);
    assert.match(await text(page, ".amount"), new RegExp(`^${meant.length} of ${volumes.length} `));
    const after = await look(page, "#occupancy .layers");
    assert.notDeepStrictEqual(after.data, before.data);
    for (const place of [".graph .node", ".histogram"]) {
      const pressed = `${place}[data-block=${name}][aria-pressed=true]`;
      assert.strictEqual(await page.evaluate(`document.querySelectorAll("${pressed}").length`), 1);
    }
    assert.strictEqual(await page.evaluate("location.hash"), `#blocks=${name}`);
    // The table tells the selected volumes' mean.
    const column = table.regions.findIndex((region) => region.name === name);
    const chosen = meant.map((file) =>
      table.values[volumes.indexOf(file!) * blocks.length + column]!
    );
    const mean = chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
    assert.strictEqual(
      await text(page, `tr[data-block=${name}] td.selected`),
      mean.toFixed(2),
    );

    // The list that is copied holds the very volumes.
    await page.evaluate(
      "navigator.clipboard.writeText = (text) => { globalThis.copied = text; return Promise.resolve(); }",
    );
    const press = (label: string) =>
      page.evaluate(
        `[...document.querySelectorAll(".dock button")].find((one) => one.textContent === "${label}").click()`,
      );
    await press("Copy list");
    assert.strictEqual(
      await page.evaluate("copied"),
      meant.map((file) => `${file}\n`).join(""),
    );
    await press("Copy command");
    assert.strictEqual(await page.evaluate("copied"), command);

    // Turned to absent, the others are meant.
    await page.click(".condition button");
    assert.match(await text(page, "#command"), new RegExp(`'${name} < `));
    assert.match(await text(page, ".amount"), new RegExp(`^${volumes.length - meant.length} of `));

    // Escape lets go of everything.
    await page.press("Escape");
    assert.deepStrictEqual(await marked(page, "aria-selected=true"), []);
    assert.strictEqual(await page.evaluate("location.hash"), "");
    await page.until("getComputedStyle(document.querySelector('.dock')).visibility === 'hidden'");
    checkQuiet(page);
  },
});

Deno.test({
  name: "branches of both trees, clusters, rows, cells, pairs and lassos select",
  ignore,
  fn: async () => {
    const { four } = await theRuns();
    await using page = await openReport(four);
    const amount = async () => Number((await text(page, ".amount")).split(" ")[0]);
    const hash = () => page.evaluate<string>("location.hash");

    // Left of all is the root of the volumes' tree, above all that of the blocks'.
    const { height, width } = await page.evaluate<{ height: number; width: number }>(
      "(({ height, width }) => ({ height, width }))(document.querySelector('#occupancy .layers').getBoundingClientRect())",
    );
    await page.click("#occupancy .layers", { x: 2, y: height - 100 });
    assert.strictEqual(await amount(), 60);
    assert.strictEqual(await hash(), "#volumes=0-59");
    await page.click("#occupancy .layers", { x: width / 2, y: 2 });
    assert.strictEqual((await marked(page, "aria-selected=true")).length, 4);
    // A branch further down has fewer volumes.
    await page.click("#occupancy .layers", { x: 80, y: height - 60 });
    const branch = await amount();
    assert.ok(branch > 1 && branch < 60, `${branch} volumes`);

    // The strip of clusters, and the same by its button.
    await page.click("#occupancy .layers", { x: 106, y: height - 10 });
    const [cluster, members] = [await text(page, "#command"), await amount()];
    const number = /cluster == (\d+)'$/.exec(cluster)?.[1];
    assert.ok(number !== undefined, cluster);
    await page.press("Escape");
    await page.click(`[data-cluster="${number}"]`);
    assert.deepStrictEqual([await text(page, "#command"), await amount()], [cluster, members]);
    assert.strictEqual(
      await page.evaluate(`document.querySelector('[data-cluster="${number}"]').ariaPressed`),
      "true",
    );

    // A cell: its volume is selected, and seen in 3-D.
    const consensus = await look(page, ".stage");
    await page.click("#occupancy .layers", { x: 150, y: height - 10 });
    assert.strictEqual(await amount(), 1);
    const shown = await page.evaluate<string>(
      "document.querySelector('#three-d input[list]').value",
    );
    assert.match(shown, /^vol_\d+\.mrc$/);
    const volume = await look(page, ".stage");
    assert.notDeepStrictEqual(volume.data, consensus.data);
    assert.match(await text(page, "#command"), new RegExp(`--volumes ${shown} --cryodrgn `));

    // Rows, drawn down.
    await drag(page, "#occupancy .layers canvas + canvas", [[200, height - 100], [
      200,
      height - 20,
    ]]);
    const rows = await amount();
    assert.ok(rows > 5 && rows < 60, `${rows} rows`);

    // A lasso about everything, and about nothing.
    await drag(page, "#components canvas", [[31, 1], [9999, 1], [9999, 9999], [31, 9999]]);
    assert.strictEqual(await amount(), 60);

    // A pair.
    await page.click("#pairs .layers canvas", { x: 44 + 75, y: 18 + 25 });
    assert.strictEqual((await marked(page, "aria-selected=true")).length, 2);
    checkQuiet(page);
  },
});

/** Moves the pointer along a path in an element, with the button down; far places are its edges. */
async function drag(page: Page, selector: string, path: readonly (readonly [number, number])[]) {
  const box = await page.evaluate<{ x: number; y: number; width: number; height: number }>(`(() => {
    const element = document.querySelector(${JSON.stringify(selector)});
    element.scrollIntoView({ block: "center", behavior: "instant" });
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height };
  })()`);
  const at = ([x, y]: readonly [number, number]) => ({
    x: box.x + Math.min(x, box.width - 1),
    y: box.y + Math.min(y, box.height - 1),
  });
  const send = (type: string, place: readonly [number, number], buttons: number) =>
    page.send("Input.dispatchMouseEvent", {
      type,
      ...at(place),
      button: "left",
      buttons,
      clickCount: 1,
    });
  await send("mouseMoved", path[0]!, 0);
  await send("mousePressed", path[0]!, 1);
  for (const place of path.slice(1)) await send("mouseMoved", place, 1);
  await send("mouseReleased", path.at(-1)!, 0);
}

Deno.test({
  name: "a report can be worked by keys alone",
  ignore,
  fn: async () => {
    const { four } = await theRuns();
    await using page = await openReport(four);
    const focus = (selector: string) =>
      page.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
    const focused = () => page.evaluate<string>("document.activeElement.dataset.block");

    await focus("tbody tr[tabindex='0']");
    const first = await focused();
    await page.press("ArrowDown");
    const second = await focused();
    assert.notStrictEqual(second, first);
    await page.press("Enter");
    assert.deepStrictEqual(await marked(page, "aria-selected=true"), [second]);
    await page.press("v");
    assert.strictEqual(
      await page.evaluate(`document.querySelector("tr[data-block=${second}] input").checked`),
      false,
    );
    await page.press("Escape");

    await focus("#occupancy canvas[tabindex]");
    for (const key of ["ArrowDown", "ArrowDown", "ArrowRight"]) await page.press(key);
    assert.match(await text(page, "#heat-map-cursor"), /^b\d+ in vol_\d+\.mrc, occupancy /);
    await page.press(" ");
    assert.strictEqual((await marked(page, "aria-selected=true")).length, 1);
    await page.press("Enter");
    assert.match(await text(page, ".amount"), /^1 of 60 /);
    const amounts = [1];
    for (let i = 0; i < 3; i++) {
      await page.press("g");
      amounts.push(Number((await text(page, ".amount")).split(" ")[0]));
    }
    assert.deepStrictEqual(amounts, amounts.toSorted((a, b) => a - b));
    assert.ok(new Set(amounts).size === 4, amounts.join());

    await focus(".graph .node");
    await page.press("Enter");
    assert.strictEqual((await marked(page, "aria-selected=true")).length, 1);
    await focus("#pairs canvas[tabindex]");
    for (const key of ["ArrowDown", "ArrowDown", "Enter"]) await page.press(key);
    assert.strictEqual((await marked(page, "aria-selected=true")).length, 2);
    await focus("#components canvas");
    await page.press("ArrowRight");
    await page.press("Enter");
    assert.match(await text(page, ".amount"), /^1 of 60 /);

    // Of the nodes, and of the rows with what is in them, Tab reaches one, and arrows the others.
    const tabbable = (selector: string) =>
      page.evaluate<number>(
        `[...document.querySelectorAll(${
          JSON.stringify(selector)
        })].filter((one) => one.tabIndex === 0).length`,
      );
    for (const one of [".graph .node", ".histogram", "tbody tr[data-block]", "tbody input"]) {
      assert.strictEqual(await tabbable(one), 1, one);
    }
    const nodes = new Set<string>();
    await focus(".graph .node");
    for (const key of ["ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"]) {
      for (let i = 0; i < 4; i++) {
        nodes.add(await focused());
        await page.press(key);
      }
    }
    assert.ok(nodes.size > 1, [...nodes].join());
    await focus(".histogram");
    await page.press("End");
    assert.strictEqual(
      await focused(),
      await page.evaluate("[...document.querySelectorAll('.histogram')].at(-1).dataset.block"),
    );
    // What scrolls can be scrolled.
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    assert.strictEqual(await tabbable("details .scroll"), 2);

    // Everything that can be pressed has a name, and everything that can be reached is seen.
    const nameless = await page.evaluate<string[]>(
      `[...document.querySelectorAll("button, input, select, canvas[tabindex], [role=button]")]
        .filter((one) => (one.ariaLabel ?? one.closest("label")?.textContent ?? one.textContent).trim() === "")
        .map((one) => one.outerHTML.slice(0, 90))`,
    );
    assert.deepStrictEqual(nameless, []);
    checkQuiet(page);
  },
});

Deno.test({
  name: "tables that are saved are those that siren writes",
  ignore,
  fn: async () => {
    const { four } = await theRuns();
    await using page = await openReport(four);
    await using downloads = await temporaryFolder();
    await page.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: downloads.path,
      eventsEnabled: true,
    });
    const { union, blocks, volumes, results } = await readFinishedRun(four);
    const table = blockOccupancy(union.matrix, blocks, volumes);
    const analysis = analyse(table, {}, { voxels: union.matrix });
    const expected: readonly (readonly [string, string])[] = [
      ["occupancy.csv", formatOccupancyCsv(table)],
      ["block_pairs.csv", formatPairsCsv(analysis)],
      ["blocks.csv", await Deno.readTextFile(`${results}/blocks.csv`)],
    ];
    for (const [name, content] of expected) {
      await page.click(`[data-file="${name}"]`);
      const path = `${downloads.path}/${name}`;
      for (let tries = 200; !await isThere(path) && tries > 0; tries--) {
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      assert.strictEqual(await Deno.readTextFile(path), content, name);
    }
    assert.deepStrictEqual(page.complaints, []);
  },
});

Deno.test({
  name: "a selection comes back with the page's address",
  ignore,
  fn: async () => {
    const { four } = await theRuns();
    await using page = await openReport(four);
    const name = await page.evaluate<string>(
      "document.querySelector('tr[data-block]').dataset.block",
    );
    const { report } = await writeReport(four, {}, quietly());
    await page.goTo("about:blank");
    await page.goTo(`${addressOf(report)}#blocks=-${name}&volume=3&hidden=${name}`);
    assert.match(await text(page, "#command"), new RegExp(`'${name} < `));
    assert.match(await text(page, ".shown-now"), /vol_\d+\.mrc/);
    assert.strictEqual(
      await page.evaluate(`document.querySelector("tr[data-block=${name}] input").checked`),
      false,
    );
  },
});

Deno.test({
  name: "a report is dark where the system is, at the press of a button, and light on paper",
  ignore,
  fn: async () => {
    const { four } = await theRuns();
    await using page = await openReport(four);
    const isDark = async () => {
      const [, red] = /^rgb\((\d+)/.exec(
        await page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor"),
      ) ?? [];
      return Number(red) < 128;
    };
    const wish = (value: string) =>
      page.send("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value }],
      });
    assert.ok(!await isDark());
    await wish("dark");
    await page.until("document.documentElement.dataset.theme === 'dark'");
    assert.ok(await isDark());
    await page.click(".theme");
    assert.ok(!await isDark());
    await page.click(".theme");
    assert.ok(await isDark());
    await wish("light");
    assert.ok(await isDark(), "what was chosen stays");
    const { data } = await page.send("Page.printToPDF", { printBackground: true });
    const pdf = Uint8Array.fromBase64(data);
    assert.strictEqual(new TextDecoder().decode(pdf.subarray(0, 5)), "%PDF-");
    assert.ok(pdf.length > 50_000, `${pdf.length} bytes`);
    assert.match(
      await page.evaluate<string>("document.querySelector('.stage img').src.slice(0, 22)"),
      /^data:image\/png;base64,$/,
    );
    assert.ok(await isDark(), "on the screen it is as it was");
    // Chromium prints a canvas as it was drawn: without a layer of its own, clearing one clears what is below.
    await page.send("Emulation.setEmulatedMedia", { media: "print" });
    const covers = await page.evaluate<number[]>(
      "[...document.querySelectorAll('.layers canvas + canvas')].map((one) => Number(getComputedStyle(one).opacity))",
    );
    assert.strictEqual(covers.length, 2);
    for (const opacity of covers) assert.ok(opacity < 1 && opacity > 0.99);
    checkQuiet(page);
  },
});

Deno.test({
  name: "a report fits a phone, a laptop and a wide screen",
  ignore,
  fn: async () => {
    const { four } = await theRuns();
    await using page = await openReport(four);
    for (const width of [390, 1280, 1920]) {
      await page.resize(width, 800);
      await page.evaluate(
        "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))",
      );
      assert.strictEqual(await page.evaluate("document.documentElement.scrollWidth"), width);
      const parts = await page.evaluate<[string, number][]>(
        `[...document.querySelectorAll(".layers canvas, .stage, .fullness svg")]
          .map((part) => [part.closest("section").id, part.getBoundingClientRect().right])`,
      );
      for (const [id, right] of parts) assert.ok(right <= width + 1, `${id} at ${width}: ${right}`);
      // The words of the table's heads stand in one line.
      const heads = await page.evaluate<number[]>(
        `[...document.querySelectorAll(".blocks thead th")].slice(1).map((head) => {
          const range = document.createRange();
          range.selectNodeContents(head);
          return Math.round([...range.getClientRects()].at(-1).bottom);
        })`,
      );
      assert.strictEqual(new Set(heads).size, 1, `${heads}`);
    }
    checkQuiet(page);
  },
});

Deno.test({
  name: "a run of one block, and one of none, have a report",
  ignore,
  fn: async () => {
    const { one, none } = await theRuns();
    assert.strictEqual((await readFinishedRun(one)).blocks.length, 1);
    await using page = await openReport(one);
    assert.strictEqual(
      await page.evaluate("document.querySelectorAll('tr[data-block]').length"),
      1,
    );
    await page.click("tr[data-block] th");
    assert.match(await text(page, "#command"), / --where 'b0 >= /);
    checkQuiet(page);

    const { report, warnings } = await writeReport(none, {}, quietly());
    assert.match(warnings[0]?.text ?? "", /^No blocks were found/);
    await using empty = await openPage();
    await empty.goTo(addressOf(report));
    assert.match(await text(empty, ".warnings"), /No blocks were found/);
    assert.match(await text(empty, "#blocks"), /nothing to show/);
    // What the volumes have in common is there all the same.
    assert.ok(new Set((await look(empty, ".stage")).data).size > 8);
    assert.ok(await empty.evaluate("document.querySelector('#provenance') !== null"));
    checkQuiet(empty);
  },
});

Deno.test({
  name: "names of any kind do no harm",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    const evil =
      `</script><script>document.title="out"</script><img src="http://evil.example/" onerror="document.title='out'">`;
    const data = testData(40, 3, { name: evil, volumes: (volume) => `${evil}'${volume}.mrc` });
    const hostile = {
      ...data,
      warnings: [{ text: evil, remedy: evil }],
      options: [{ title: evil, rows: [[evil, evil]] as const }],
      hashes: [[evil, evil]] as const,
    };
    const read = (name: string) =>
      Deno.readTextFile(fileURLToPath(new URL(`../templates/report.${name}`, import.meta.url)));
    const [html, css, js] = await Promise.all([read("html"), read("css"), read("js")]);
    const path = `${folder.path}/report.html`;
    await Deno.writeTextFile(
      path,
      reportHtml(hostile, undefined, { html, css, js }, "0".repeat(64)),
    );
    await using page = await openPage();
    await page.goTo(addressOf(path));
    await page.evaluate(
      "for (const details of document.querySelectorAll('details')) details.open = true",
    );
    await page.click("[data-cluster='1']");
    assert.strictEqual(await page.evaluate("document.title"), `${evil} - siren report`);
    assert.strictEqual(await text(page, "h1"), evil);
    assert.strictEqual(await page.evaluate("document.querySelectorAll('img[onerror]').length"), 0);
    assert.strictEqual(await page.evaluate("document.scripts.length"), 3);
    // Even what gets in cannot do anything.
    await page.evaluate(
      `document.body.insertAdjacentHTML("beforeend", '<img src="http://127.0.0.1:9/x.png"><b onclick="1">')`,
    );
    await page.until("true");
    assert.ok(page.complaints.every((text) => /Content Security Policy/.test(text)));
    assert.deepStrictEqual(page.requests.filter((url) => url.includes("evil.example")), []);
  },
});

Deno.test({
  name: "without WebGL all but the 3-D view works",
  ignore,
  fn: async () => {
    const { four } = await theRuns();
    const { report } = await writeReport(four, {}, quietly());
    await using page = await openPage();
    await page.send("Page.addScriptToEvaluateOnNewDocument", {
      source: `const get = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
          return kind.startsWith("webgl") ? null : get.call(this, kind, ...rest);
        };`,
    });
    await page.goTo(addressOf(report));
    await page.until("/WebGL/.test(document.querySelector('.stage .message')?.textContent ?? '')");
    await page.click("tr[data-block] th");
    assert.match(await text(page, "#command"), /^siren volumes /);
    checkQuiet(page);
  },
});

Deno.test("a report is the same to the byte, is siren's to replace, and nobody else's", async () => {
  const { four } = await theRuns();
  await using folder = await temporaryFolder();
  const outfile = `${folder.path}/report.html`;
  // When its parts were done is told by their files.
  const done = new Date("2026-01-02T03:04:05Z");
  await Deno.utime(`${four}/02_expand/files.json`, done, done);
  const { bytes } = await writeReport(four, { outfile }, quietly());
  const first = await Deno.readFile(outfile);
  assert.ok(new TextDecoder().decode(first).includes("2026-01-02 03:04:05 UTC"));
  assert.strictEqual(first.length, bytes);
  await writeReport(four, { outfile }, quietly());
  assert.deepStrictEqual(await Deno.readFile(outfile), first);
  // The way to the folder is no part of it.
  await writeReport(`${four}/../${four.split("/").at(-1)}/`, { outfile }, quietly());
  assert.deepStrictEqual(await Deno.readFile(outfile), first);

  await Deno.writeTextFile(outfile, "<p>mine</p>", { append: true });
  await assert.rejects(
    writeReport(four, { outfile }, quietly()),
    /^RunError: Cannot write .*report\.html: what is there is no report of siren's, or was changed since$/,
  );
  await writeReport(four, { outfile, force: true }, quietly());
  assert.deepStrictEqual(await Deno.readFile(outfile), first);
});

Deno.test("a report is out of date when the run has other blocks, or the page is another", async () => {
  const { four } = await theRuns();
  await writeReport(four, {}, quietly());
  const text = await readReport(four);
  assert.ok(text?.startsWith("<!DOCTYPE html>"));
  const path = `${four}/02_expand/blocks.json`;
  const blocks = await Deno.readTextFile(path);
  const { 0: first, ...rest }: Record<string, number[]> = JSON.parse(blocks);
  assert.ok(first !== undefined);
  try {
    await Deno.writeTextFile(path, JSON.stringify(rest));
    assert.strictEqual(await readReport(four), undefined);
    const { warnings, blocks } = await makeReport(four, quietly());
    assert.strictEqual(blocks, 3);
    assert.ok(warnings.some(({ text }) => text.includes("02_expand/blocks.json")));
  } finally {
    await Deno.writeTextFile(path, blocks);
  }
  assert.strictEqual(await readReport(four), text);
});

Deno.test("siren report tells where the report is, and what to know first", async () => {
  const { four, none } = await theRuns();
  await using folder = await temporaryFolder();
  const outfile = `${folder.path}/page.html`;
  const report = async (...args: string[]) => {
    const { code, stdout, stderr } = await siren("report", ...args).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  };
  const { code, out } = await report(four, "--outfile", outfile);
  assert.strictEqual(code, 0);
  assert.match(out, /^4 blocks in 60 volumes\n\nTo know first:\n- There are only 60 volumes\./);
  assert.ok(out.includes(`Report: ${outfile} (`));
  const json = JSON.parse((await report(none, "--json", "--outfile", outfile, "--quiet")).out);
  assert.deepStrictEqual([json.report, json.blocks, json.volumes], [outfile, 0, 60]);
  await Deno.writeTextFile(outfile, "mine");
  const refused = await report(four, "--outfile", outfile);
  assert.strictEqual(refused.code, 4);
  assert.match(refused.err, /--force to replace it/);
  assert.strictEqual((await report(folder.path)).code, 4);
});

Deno.test("there is no report of what is no finished run", async () => {
  await using folder = await temporaryFolder();
  await assert.rejects(writeReport(folder.path, {}, quietly()), /^RunError: .*no run\.json/);
  assert.deepStrictEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
});

Deno.test("siren view serves the report alone, under this machine's own names, until Ctrl-C", async () => {
  const { four, folder } = await theRuns();
  await Deno.remove(`${four}/report.html`).catch(() => {});
  // In place of the browser.
  const bin = `${folder}/bin`;
  await Deno.mkdir(bin, { recursive: true });
  await Deno.writeTextFile(`${bin}/xdg-open`, `#!/bin/sh\necho "$1" >'${bin}/opened'\n`);
  await Deno.chmod(`${bin}/xdg-open`, 0o755);
  const child = sirenIn({ PATH: `${bin}:${Deno.env.get("PATH")}` }, "view", four);
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const url = value.trim();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/.*\/four%20blocks\/report\.html$/);
  const { port, pathname, origin } = new URL(url);

  const page = await fetch(url);
  assert.strictEqual(await page.text(), await Deno.readTextFile(`${four}/report.html`));
  assert.strictEqual(page.headers.get("content-type"), "text/html; charset=utf-8");
  assert.strictEqual(page.headers.get("x-content-type-options"), "nosniff");
  const status = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(origin + path, init);
    await response.body?.cancel();
    return response.status;
  };
  assert.strictEqual(await status(`${pathname}?x#y`), 200);
  assert.strictEqual(await status(pathname, { method: "HEAD" }), 200);
  assert.strictEqual(await status(pathname, { method: "POST" }), 405);
  const others = [
    "/",
    pathname.replace(/[0-9a-f]/, "g"),
    `${pathname}/`,
    "/../../etc/passwd",
    "/%2e%2e/run.json",
  ];
  for (const path of others) assert.strictEqual(await status(path), 404, path);
  const byName = async (host: string) => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    await connection.write(
      new TextEncoder().encode(
        `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      ),
    );
    return Number((await new Response(connection.readable).text()).split(" ")[1]);
  };
  assert.strictEqual(await byName(`localhost:${port}`), 200);
  assert.strictEqual(await byName("127.0.0.1:8000"), 200, "a tunnel has a port of its own");
  for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", ""]) {
    assert.strictEqual(await byName(host), 421, host);
  }

  for (let tries = 200; !await isThere(`${bin}/opened`) && tries > 0; tries--) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.strictEqual(await Deno.readTextFile(`${bin}/opened`), `${url}\n`);
  child.kill("SIGINT");
  assert.strictEqual((await child.status).code, 130);
  await reader.cancel();
  assert.match(await errors, /Ctrl-C ends it[^]*Stopped by Ctrl-C/);
});

Deno.test("siren view says how to get at a report where there is no browser", async () => {
  const { four } = await theRuns();
  const child = siren("view", four, "--no_browser", "--quiet");
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const port = new URL((await reader.read()).value?.trim() ?? "").port;
  const second = await siren("view", four, "--no_browser", "--port", port).output();
  const said = new TextDecoder().decode(second.stderr);
  assert.strictEqual(second.code, 2);
  assert.match(said, new RegExp(`Cannot serve the report on port ${port}: another program has it`));
  child.kill("SIGTERM");
  assert.strictEqual((await child.status).code, 143);
  await reader.cancel();
  assert.match(
    await new Response(child.stderr).text(),
    new RegExp(`ssh -L ${port}:127\\.0\\.0\\.1:${port} `),
  );
});
