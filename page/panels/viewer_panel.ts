/**
 * The blocks in 3-D, and the buttons around them.
 *
 * @module
 */
import type { PackedScene } from "../../core/report/packed_scene.ts";
import { pageColour } from "../colours.ts";
import { button, figure, h, hint } from "../dom.ts";
import { toggleBlock } from "../selection.ts";
import type { Store } from "../store.ts";
import { unpackScene } from "../viewer/unpack.ts";
import { createViewer, NoWebGlError, type Viewer, type ViewerTheme } from "../viewer/viewer.ts";
import { isAdding } from "./block_table.ts";

/** Makes the panel; the scene is unpacked when it is seen. */
export function viewerPanel(store: Store, packed: PackedScene | null): HTMLElement {
  const { report } = store;
  const canvas = h("canvas", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "3-D view",
    "aria-label": "Blocks in 3-D. Drag or use the arrow keys to rotate, plus and minus to zoom.",
  });
  const message = h("p", { class: "message", role: "status" }, "Unpacking the blocks \u2026");
  const picture = h("img", { class: "print-only", alt: "The blocks in 3-D" });
  const scale = h("div", { class: "scale-bar", "aria-hidden": "true" }, h("span"));
  const shownNow = h("p", { class: "shown-now", "aria-live": "polite" });
  const stage = h("div", { class: "stage" }, canvas, message, picture, scale, shownNow);
  let viewer: Viewer | undefined;

  const placeOf = new Map(report.blocks.map(({ id }, place) => [id, place]));
  const names = h(
    "datalist",
    { id: "volume-names" },
    ...report.volumes.map(({ file }) => h("option", { value: file })),
  );
  const input = h("input", {
    list: "volume-names",
    placeholder: "Consensus of all volumes",
    "aria-label": "Volume shown in 3-D",
    autocomplete: "off",
    spellcheck: "false",
    onchange: () => {
      const volume = report.volumes.findIndex(({ file }) => file === input.value.trim());
      if (volume === -1 && input.value.trim() !== "") {
        input.setCustomValidity("There is no such volume");
        input.reportValidity();
      } else store.set({ volume: volume === -1 ? null : volume });
    },
    oninput: () => input.setCustomValidity(""),
  });
  /** Steps through the selected volumes, or all, as the tree orders them. */
  const step = (by: 1 | -1) => {
    const { volume, volumes } = store.get();
    const { order } = report.volumeTree;
    const list = order.filter((one) => volumes === null || volumes.size === 0 || volumes.has(one));
    const at = volume === null ? -1 : list.indexOf(volume);
    const next = at === -1 ? (by === 1 ? 0 : list.length - 1) : at + by;
    store.set({ volume: list[(next + list.length) % list.length] ?? null });
  };
  const hasVolumes = packed?.volumes !== undefined;
  const consensus = button("Consensus", () => store.set({ volume: null }));
  const volumeBar = h(
    "div",
    { class: "toolbar", role: "group", "aria-label": "Volume shown" },
    ...hasVolumes
      ? [
        button("\u2039", () => step(-1), {
          "aria-label": "Previous volume",
          title: "Previous volume",
        }),
        input,
        names,
        button("\u203a", () => step(1), { "aria-label": "Next volume", title: "Next volume" }),
        consensus,
      ]
      : [h("span", { class: "muted" }, "Single volumes are too many for a page.")],
  );

  const shell = h("input", {
    type: "checkbox",
    checked: true,
    onchange: () => viewer?.setShellVisible(shell.checked),
  });
  const slider = (text: string, label: string, value: number, set: (value: number) => void) => {
    const range = h("input", {
      type: "range",
      min: "0.05",
      max: "1",
      step: "0.05",
      value: String(value),
      "aria-label": label,
      oninput: () => set(Number(range.value)),
    });
    return h("label", { class: "slider" }, text, range);
  };
  const dust = h("input", {
    type: "number",
    min: "1",
    max: "999",
    value: "5",
    title: "Parts of fewer voxels are not drawn",
    "aria-label": "Fewest voxels of a part that is drawn",
    oninput: () => viewer?.setDust(Math.max(1, dust.valueAsNumber || 1)),
  });
  const looks = h(
    "div",
    { class: "toolbar", role: "group", "aria-label": "3-D view" },
    ...(["x", "y", "z"] as const).map((axis) =>
      button(axis, () => viewer?.lookAlong(axis), {
        "aria-label": `Look along ${axis}`,
        title: `Look along ${axis}`,
      })
    ),
    button("Reset", () => viewer?.resetView(), { title: "Everything in view, along z" }),
    h("label", {}, "Parts from ", dust, " voxels"),
    h("span", { class: "spacer" }),
    button("Save PNG", () => {
      if (viewer === undefined) return;
      h("a", { href: viewer.snapshot(3), download: "blocks.png" }).click();
    }),
  );
  const consensusBar = h(
    "div",
    { class: "toolbar", role: "group", "aria-label": "Shell" },
    h("label", {}, shell, "Shell"),
    slider("Opacity", "Opacity of the shell", 0.25, (value) => viewer?.setShellOpacity(value)),
    slider(
      "Level",
      "Share of the volumes from which on the shell is drawn",
      0.5,
      (value) => viewer?.setLevel(value),
    ),
  );

  const begin = async () => {
    if (packed === null) {
      message.textContent = "There is nothing to draw.";
      return;
    }
    const scene = await unpackScene(packed);
    try {
      viewer = createViewer(canvas, scene, { theme: theme() });
    } catch (error) {
      if (!(error instanceof NoWebGlError)) throw error;
      message.textContent =
        "This browser shows no 3-D (WebGL 2 is off or missing). All else works.";
      stage.classList.add("without");
      return;
    }
    message.remove();
    // The controls may have been used before.
    viewer.setShellVisible(shell.checked);
    for (const bar of [looks, consensusBar]) {
      for (const input of bar.querySelectorAll("input:not([type=checkbox])")) {
        input.dispatchEvent(new Event("input"));
      }
    }
    viewer.onPick((id) => {
      const block = id === null ? undefined : placeOf.get(id);
      if (block !== undefined) store.select((now) => toggleBlock(now, block, added));
    });
    viewer.onHover((id) => {
      store.set({ hoverBlock: id === null ? null : placeOf.get(id) ?? null });
      canvas.style.cursor = id === null ? "grab" : "pointer";
    });
    viewer.onScale((pixels) => drawScale(scale, pixels));
    const made = viewer;
    store.listen((now, before) => {
      if (now.theme !== before?.theme) made.setTheme(theme());
      if (now.hidden !== before?.hidden) {
        report.blocks.forEach(({ id }, place) => made.setBlockVisible(id, !now.hidden.has(place)));
      }
      if (now.volume !== before?.volume) made.showVolume(now.volume);
      if (now.selection !== before?.selection || now.hoverBlock !== before.hoverBlock) {
        const meant = new Set(now.selection.blocks.keys());
        // Pointing at the 3-D view itself must not make it flicker.
        if (now.hoverBlock !== null && !canvas.matches(":hover")) meant.add(now.hoverBlock);
        made.setHighlighted(
          meant.size === 0 ? null : Array.from(meant, (place) => report.blocks[place]!.id),
        );
      }
    });
    stage.dataset.ready = "";
  };
  /** Whether the pick that comes is with Ctrl or Shift. */
  let added = false;
  canvas.addEventListener("pointerup", (event) => added = isAdding(event), { capture: true });

  store.listen((now, before) => {
    if (now.volume === before?.volume && now.hoverBlock === before?.hoverBlock) return;
    const file = now.volume === null ? undefined : report.volumes[now.volume]?.file;
    input.value = file ?? "";
    input.setCustomValidity("");
    consensus.disabled = file === undefined;
    const hovered = now.hoverBlock === null ? "" : ` \u00b7 ${report.blocks[now.hoverBlock]!.name}`;
    shownNow.textContent = (file ?? "Consensus") + hovered;
  });
  addEventListener("beforeprint", () => {
    if (viewer === undefined) return;
    viewer.setTheme(theme());
    picture.src = viewer.snapshot(2);
  });
  addEventListener("afterprint", () => viewer?.setTheme(theme()));

  new IntersectionObserver((entries, observer) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    begin().catch((error: unknown) => {
      message.textContent = "The 3-D view failed. All else works.";
      console.error(error);
    });
  }, { rootMargin: "400px" }).observe(stage);

  return figure(
    "three-d",
    "In 3-D",
    h(
      "span",
      {},
      "Blocks in their colours within the consensus, drawn where at least the share of volumes that Level says " +
        "is occupied." + coarseness(packed),
      hint(
        "Drag to rotate, wheel (after a click, or with Ctrl) to zoom, right button to move; click a block to " +
          "select it. A volume picked here or in any figure is shown in the consensus\u2019 place.",
      ),
    ),
    stage,
    volumeBar,
    looks,
    consensusBar,
  );
}

/** What the reader has to know of a scene that is on a coarser grid than the run. */
function coarseness(packed: PackedScene | null): string {
  const shape = packed?.shape.binning ?? 1, volumes = packed?.volumes?.grid?.binning ?? shape;
  const times = (binning: number) => `on a grid ${binning} times as coarse as the run\u2019s`;
  if (shape > 1 && volumes === shape) return ` All is drawn ${times(shape)}.`;
  const blocks = shape > 1 ? ` Blocks are drawn ${times(shape)}.` : "";
  return blocks + (volumes > shape ? ` Single volumes are drawn ${times(volumes)}.` : "");
}

function theme(): ViewerTheme {
  return {
    background: pageColour("stage"),
    shell: pageColour("shell"),
    ink: pageColour("outline"),
  };
}

/** Lengths that a scale bar may have, in Angstrom. */
const LENGTHS = [5, 10, 20, 50, 100, 200, 500, 1000];

/** A bar of a round length that is some 60 to 150 pixels long. */
function drawScale(bar: HTMLElement, pixels: number): void {
  const length = LENGTHS.find((length) => length * pixels >= 60) ?? 1000;
  const line = bar.querySelector("span");
  if (line === null) return;
  line.style.width = `${length * pixels}px`;
  line.textContent = length >= 10 ? `${length / 10} nm` : `${length} \u212b`;
}
