import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { decode } from "fast-png";
import { bitMatrix } from "../core/cooccupancy/mod.ts";
import { parseHex, type Rgb } from "../core/report/colours.ts";
import { packScene } from "../core/report/pack_scene.ts";
import type { UnionScene } from "../core/report/scene.ts";
import { hasChromium, type Page, startChromium } from "./chromium.ts";

const ignore = !hasChromium();
const WIDTH = 300, HEIGHT = 240, BOX = 32;
const COLOURS = ["#0072b2", "#d55e00", "#009e73"];

/**
 * Three balls along x, in a slab that is always there: of four volumes the first has all, the second none, the
 * others one each.
 */
function ballScene(): UnionScene {
  const flat: number[] = [], labels: number[] = [];
  for (let voxel = 0; voxel < BOX ** 3; voxel++) {
    const x = voxel % BOX, y = Math.floor(voxel / BOX) % BOX, z = Math.floor(voxel / BOX / BOX);
    const ball = [6, 16, 26].findIndex((middle) => Math.hypot(x - middle, y - 16, z - 16) <= 4);
    const isSlab = z < 8 && z > 5 && Math.abs(y - 16) < 6 && Math.abs(x - 16) < 6;
    if (ball === -1 && !isSlab) continue;
    flat.push(voxel);
    labels.push(ball);
  }
  const matrix = bitMatrix(flat.length, 4);
  labels.forEach((label, row) => matrix.words[row] = [0b1111, 0b0101, 0b1001, 0b0001][label + 1]!);
  const blocks = COLOURS.map((colour, i) => ({
    id: 10 * i,
    name: `b${10 * i}`,
    colour,
    members: [...labels.keys()].filter((row) => labels[row] === i),
  }));
  return { box: BOX, apix: 2, flat, matrix, blocks };
}

/** Opens a page that has nothing but a canvas and a viewer in it. */
async function openViewer(page: Page, scene: UnionScene): Promise<void> {
  const { success, outputFiles, errors } = await Deno.bundle({
    entrypoints: [fileURLToPath(new URL("../page/viewer/testing.ts", import.meta.url))],
    write: false,
    platform: "browser",
    format: "iife",
  });
  assert.ok(success, JSON.stringify(errors));
  await page.resize(WIDTH, HEIGHT + 100);
  await page.evaluate(`
    document.body.innerHTML = "<canvas style='display: block; width: ${WIDTH}px; height: ${HEIGHT}px'></canvas>";
    document.body.style.margin = 0;
  `);
  await page.evaluate(outputFiles![0]!.text());
  await page.evaluate(`(async () => {
    const scene = await unpackScene(${JSON.stringify(packScene(scene))});
    const theme = { background: "#ffffff", shell: "#b0b0b0", ink: "#000000" };
    globalThis.viewer = createViewer(document.querySelector("canvas"), scene, { theme });
  })()`);
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly Rgb[];
}

async function look(page: Page, scale = 1): Promise<Picture> {
  const url = await page.evaluate<string>(`viewer.snapshot(${scale})`);
  const { width, height, data, channels } = decode(Uint8Array.fromBase64(url.split(",")[1]!));
  const pixels = Array.from({ length: width * height }, (_, i): Rgb => {
    return [data[i * channels]!, data[i * channels + 1]!, data[i * channels + 2]!];
  });
  return { width, height, pixels };
}

/** Pixels of about a hue: shaded, but neither faded nor mixed. */
function count({ pixels }: Picture, colour: string): number {
  const [r, g, b] = parseHex(colour), length = Math.hypot(r, g, b);
  return pixels.filter(([x, y, z]) => {
    const cosine = (r * x + g * y + b * z) / length / Math.hypot(x, y, z);
    return cosine > 0.985 && Math.hypot(x, y, z) > 40 && Math.max(x, y, z) - Math.min(x, y, z) > 60;
  }).length;
}

const counts = (picture: Picture) => COLOURS.map((colour) => count(picture, colour));

Deno.test({
  name: "the viewer in a browser",
  ignore,
  async fn(t) {
    await using browser = await startChromium();

    await t.step("a browser draws blocks, and hides, fades, picks and turns them", async () => {
      await using page = await browser.open();
      await openViewer(page, ballScene());
      const first = await look(page);
      assert.deepStrictEqual([first.width, first.height], [WIDTH, HEIGHT]);
      const seen = counts(first);
      for (const pixels of seen) assert.ok(pixels > 400, `${seen}`);
      assert.deepStrictEqual(first.pixels[0], [255, 255, 255]);

      // Along z the balls are side by side.
      const y = HEIGHT / 2;
      const pick = (x: number) => page.evaluate(`viewer.blockAt(${x}, ${y})`);
      const middles = await page.evaluate<number[]>(`[20, 0, -20].map((x) => {
        let scale; viewer.onScale((pixels) => scale = pixels)(); return ${
        WIDTH / 2
      } - x * scale; })`);
      assert.deepStrictEqual(await Promise.all(middles.map(pick)), [0, 10, 20]);
      assert.strictEqual(await page.evaluate(`viewer.blockAt(3, 3)`), null);

      await page.evaluate(`globalThis.picked = []; globalThis.hovered = [];
        viewer.onPick((id) => picked.push(id)); viewer.onHover((id) => hovered.push(id));`);
      await page.click("canvas", { x: middles[2]!, y });
      await page.until(`hovered.at(-1) === 20`);
      await page.click("canvas", { x: 3, y: 3 });
      assert.deepStrictEqual(await page.evaluate(`picked`), [20, null]);
      await page.until(`hovered.at(-1) === null`);

      await page.evaluate(`viewer.setBlockVisible(10, false)`);
      const hidden = counts(await look(page));
      assert.strictEqual(hidden[1], 0);
      assert.ok(hidden[0]! > 400 && hidden[2]! > 400, `${hidden}`);
      assert.notStrictEqual(await pick(middles[1]!), 10);
      await page.evaluate(`viewer.setBlockVisible(10, true); viewer.setHighlighted([10])`);
      const faded = counts(await look(page));
      assert.ok(faded[0] === 0 && faded[2] === 0 && faded[1]! > 400, `${faded}`);
      assert.strictEqual(await pick(middles[0]!), 0); // Faded ones can be picked.
      await page.evaluate(`viewer.setHighlighted(null)`);
      assert.deepStrictEqual(await look(page), first);

      const volumes: number[][] = [];
      for (const volume of [0, 1, 2, 3]) {
        await page.evaluate(`viewer.showVolume(${volume})`);
        volumes.push(counts(await look(page)).map((pixels) => pixels > 400 ? 1 : pixels));
      }
      assert.deepStrictEqual(volumes, [[1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0]]);
      await page.evaluate(`viewer.showVolume(null)`);
      assert.deepStrictEqual(await look(page), first);

      // Each key changes what is seen, and 0 brings it back.
      for (const key of ["ArrowLeft", "ArrowUp", "+", "-", "x", "y"]) {
        await page.press(key);
        assert.notDeepStrictEqual(await look(page), first, key);
        await page.press("0");
        assert.deepStrictEqual(await look(page), first, key);
      }
      const drag = async (button: string, buttons: number) => {
        const mouse = (type: string, x: number, y: number) =>
          page.send("Input.dispatchMouseEvent", { type, x, y, button, buttons, clickCount: 1 });
        await mouse("mousePressed", 100, 100);
        await mouse("mouseMoved", 120, 110);
        await mouse("mouseMoved", 180, 130);
        await mouse("mouseReleased", 180, 130);
      };
      await drag("left", 1);
      // Turned to the right by 80 pixels, no ball is where it was, and nothing was picked.
      assert.notDeepStrictEqual(await look(page), first);
      assert.deepStrictEqual(await page.evaluate(`picked.length`), 2);
      await page.evaluate(`viewer.resetView()`);
      await drag("middle", 4);
      assert.strictEqual(await page.evaluate(`viewer.blockAt(${middles[1]! + 80}, ${y + 30})`), 10);
      await page.evaluate(`viewer.resetView()`);
      await page.send("Input.dispatchMouseEvent", {
        type: "mouseWheel",
        x: middles[1]!,
        y,
        deltaX: 0,
        deltaY: -400,
      });
      await page.until(
        `(() => { let s; viewer.onScale((pixels) => s = pixels)(); return s > 4.5; })()`,
      );
      assert.strictEqual(await pick(middles[1]!), 10);
      await page.evaluate(`viewer.resetView()`);

      await page.evaluate(
        `viewer.setTheme({ background: "#102030", shell: "#808080", ink: "#000000" })`,
      );
      assert.deepStrictEqual((await look(page)).pixels[0], [16, 32, 48]);
      assert.deepStrictEqual(page.complaints, []);
    });

    await t.step(
      "the shell is clear, can be hidden, and follows its level; dust can be hidden",
      async () => {
        await using page = await browser.open();
        await openViewer(page, ballScene());
        const ink = ({ pixels }: Picture) => pixels.filter(([r, g, b]) => r + g + b < 750).length;
        const see = async (script: string) => {
          await page.evaluate(script);
          return ink(await look(page));
        };
        await see(`for (const id of [0, 10, 20]) viewer.setBlockVisible(id, false)`);
        const all = await see(`viewer.setLevel(0.2)`), half = await see(`viewer.setLevel(0.5)`);
        const always = await see(`viewer.setLevel(1)`);
        assert.ok(all > half && half > always && always > 0, `${all} ${half} ${always}`);
        assert.strictEqual(await see(`viewer.setShellVisible(false)`), 0);
        assert.strictEqual(await see(`viewer.setShellVisible(true)`), always);
        const darkest = ({ pixels }: Picture) => Math.min(...pixels.map(([r]) => r));
        const clear = darkest(await look(page));
        await page.evaluate(`viewer.setShellOpacity(1)`);
        assert.ok(darkest(await look(page)) < clear);
        assert.strictEqual(await see(`viewer.setShellOpacity(0)`), 0);
        await see(`viewer.setShellOpacity(1); viewer.setLevel(0.2)`);
        // The slab has 242 voxels, each ball 257.
        const dusted = await see(`viewer.setDust(250)`);
        assert.ok(dusted > 0);
        assert.strictEqual(await see(`viewer.setDust(300)`), 0);
        assert.deepStrictEqual(page.complaints, []);
      },
    );

    await t.step(
      "the picture follows the canvas's size and comes back after the graphics processor was lost",
      async () => {
        await using page = await browser.open();
        await openViewer(page, ballScene());
        const first = await look(page);
        await page.evaluate(`
        globalThis.lost = document.querySelector("canvas").getContext("webgl2").getExtension("WEBGL_lose_context");
        lost.loseContext();
      `);
        await page.until(`document.querySelector("canvas").getContext("webgl2").isContextLost()`);
        await page.evaluate(
          `viewer.rotate(0.1, 0); viewer.showVolume(2); viewer.frame(); viewer.blockAt(9, 9)`,
        );
        await page.evaluate(`viewer.resetView(); viewer.showVolume(null); lost.restoreContext()`);
        await page.until(`!document.querySelector("canvas").getContext("webgl2").isContextLost()`);
        await page.until(`viewer.blockAt(${WIDTH / 2}, ${HEIGHT / 2}) === 10`);
        assert.deepStrictEqual(await look(page), first);

        assert.deepStrictEqual((await look(page, 2)).width, 2 * WIDTH);
        await page.resize(WIDTH, HEIGHT + 100, 2);
        await page.evaluate(`document.querySelector("canvas").style.width = "200px"`);
        await page.until(`document.querySelector("canvas").width === 400`);
        assert.strictEqual(
          await page.evaluate(`document.querySelector("canvas").height`),
          2 * HEIGHT,
        );
        assert.strictEqual(await page.evaluate(`viewer.blockAt(100, ${HEIGHT / 2})`), 10);
        await page.evaluate(`viewer.dispose()`);
        const complaints = page.complaints.filter((text) => !text.includes("CONTEXT_LOST_WEBGL"));
        assert.deepStrictEqual(complaints, []);
      },
    );

    await t.step(
      "odd scenes are drawn too: without blocks, without voxels, of one voxel at the box's edge",
      async () => {
        const scene = ballScene();
        const one = {
          ...scene,
          flat: [BOX ** 3 - 1],
          matrix: { ...bitMatrix(1, 1), words: Uint32Array.of(1) },
        };
        const block = { id: 7, name: "b7", colour: COLOURS[1]!, members: [0] };
        const cases: [UnionScene, number][] = [
          [{ ...scene, blocks: [] }, 0],
          [{ ...scene, flat: [], matrix: bitMatrix(0, 4), blocks: [] }, 0],
          [{ ...one, blocks: [block] }, 1000],
          // A block that has no voxels, and one whose id is not its place.
          [{ ...one, blocks: [{ ...block, id: 0, members: [] }, block] }, 1000],
        ];
        for (const [odd, least] of cases) {
          await using page = await browser.open();
          await openViewer(page, odd);
          const orange = count(await look(page), COLOURS[1]!);
          assert.ok(least === 0 ? orange === 0 : orange > least, `${orange} pixels`);
          await page.evaluate(`viewer.showVolume(0); viewer.setHighlighted([7]); viewer.frame()`);
          const middle = `${WIDTH / 2}, ${HEIGHT / 2}`;
          const at = await page.evaluate(`viewer.blockAt(${middle})`);
          assert.strictEqual(at, least === 0 ? null : 7);
          assert.deepStrictEqual(page.complaints, []);
        }
      },
    );
  },
});

Deno.test({
  name: "a browser without WebGL says so",
  ignore,
  async fn() {
    await using browser = await startChromium("--disable-3d-apis");
    await using page = await browser.open();
    await assert.rejects(
      openViewer(page, ballScene()),
      /NoWebGlError: This browser draws no 3-D here: WebGL 2 is missing or switched off/,
    );
  },
});
