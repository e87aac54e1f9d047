/**
 * The volumes by principal components, and their clusters.
 *
 * @module
 */
import { clusterColour, css, occupancyScale, pageColour } from "../colours.ts";
import { button, figure, h, hint, onWidth, perFrame, placeIn, save, sizeCanvas } from "../dom.ts";
import { pickVolumes } from "../selection.ts";
import type { Store } from "../store.ts";
import { counted, percent, shortNumber } from "../text.ts";
import { hideTooltip, showTooltip } from "../tooltip.ts";
import { isAdding } from "./block_table.ts";
import { membersOf } from "./heat_map.ts";

const MARGIN = 30, REACH = 12;

type Place = { readonly x: number; readonly y: number };

/** Makes the panel. */
export function componentScatter(store: Store): HTMLElement {
  const { report } = store;
  const { volumes, components, clusters, clusterCount, blocks, values } = report;
  const n = volumes.length, k = blocks.length;
  let of = 0, across = 0, up = 1, colourBy = -1;
  const canvas = h("canvas", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "scatter plot",
    "aria-label":
      `Principal components of ${
        counted(n, "volume")
      }. Left and right arrows go from volume to volume, ` +
      "Enter shows one in 3-D. Clusters are selected by the buttons below.",
    "aria-describedby": "component-cursor",
  });
  const spoken = h("p", { id: "component-cursor", class: "offscreen", "aria-live": "polite" });
  const holder = h("div", { class: "layers" }, canvas);
  let side = 0, height = 0;
  let places: Place[] = [];
  let lasso: Place[] | undefined;
  let nearest: number | undefined;

  const groups = Array.from(
    { length: clusterCount },
    (_, i) => ({ cluster: i + 1, members: membersOf(clusters, i + 1) }),
  ).filter(({ members }) => members.length > 0);
  const largest = groups.toSorted((a, b) => b.members.length - a.members.length);
  const score = (volume: number, component: number) => {
    const { scores, shares } = components[of]!;
    return component < shares.length ? scores[volume * shares.length + component]! : 0;
  };
  const lay = () => {
    if (components.length === 0) return;
    const range = (component: number) => {
      let low = Infinity, high = -Infinity;
      for (let volume = 0; volume < n; volume++) {
        low = Math.min(low, score(volume, component));
        high = Math.max(high, score(volume, component));
      }
      const pad = (high - low || 1) * 0.04;
      return [low - pad, high - low + 2 * pad] as const;
    };
    const [left, wide] = range(across), [bottom, tall] = range(up);
    places = Array.from({ length: n }, (_, volume) => ({
      x: MARGIN + (score(volume, across) - left) / wide * (side - MARGIN - 8),
      y: height - MARGIN - (score(volume, up) - bottom) / tall * (height - MARGIN - 8),
    }));
  };
  const draw = perFrame(() => {
    if (side === 0) return;
    const { theme, volumes: chosen, hoverVolume, volume: shown } = store.get();
    const context = sizeCanvas(canvas, side, height);
    context.strokeStyle = pageColour("rule");
    context.strokeRect(MARGIN + 0.5, 0.5, side - MARGIN - 1, height - MARGIN - 1);
    const set = components[of];
    context.fillStyle = pageColour("muted");
    context.font = "12px system-ui, sans-serif";
    if (set === undefined || set.shares.length === 0) {
      context.textAlign = "center";
      context.fillText("Too few volumes for components", side / 2, height / 2);
      return;
    }
    const label = (component: number) => {
      const share = set.shares[component];
      return share === undefined ? "" : `PC${component + 1} (${percent(share)})`;
    };
    context.textAlign = "center";
    context.fillText(label(across), (MARGIN + side) / 2, height - 9);
    context.save();
    context.translate(13, (height - MARGIN) / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(label(up), 0, 4);
    context.restore();

    const occupancy = occupancyScale(theme);
    const radius = n > 800 ? 2.4 : n > 300 ? 3 : 3.8;
    const junk = new Set(report.junk.map(({ volume }) => volume));
    const dot = (volume: number, isFaint: boolean) => {
      const { x, y } = places[volume]!;
      context.globalAlpha = isFaint ? 0.18 : 0.9;
      context.fillStyle = colourBy === -1
        ? clusterColour(clusters[volume]!, theme)
        : css(occupancy(values[volume * k + colourBy]!));
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      if (junk.has(volume)) {
        context.strokeStyle = context.fillStyle;
        context.lineWidth = 1.4;
        context.stroke();
      } else {
        context.fill();
        if (colourBy !== -1) {
          context.strokeStyle = pageColour("muted");
          context.lineWidth = 0.4;
          context.stroke();
        }
      }
    };
    for (let volume = 0; volume < n; volume++) if (chosen?.has(volume) === false) dot(volume, true);
    for (let volume = 0; volume < n; volume++) {
      if (chosen?.has(volume) !== false) dot(volume, false);
    }
    context.globalAlpha = 1;
    // The number of each cluster at its middle, so that colour is not all that tells them apart.
    if (colourBy === -1) {
      context.font = "bold 12px system-ui, sans-serif";
      context.textBaseline = "middle";
      const taken: Place[] = [];
      for (const { cluster, members } of largest) {
        const mean = (axis: "x" | "y") =>
          members.reduce((sum, volume) => sum + places[volume]![axis], 0) / members.length;
        const middle = { x: mean("x"), y: mean("y") };
        // A number over another could not be read; its colour is in the list below.
        if (taken.some(({ x, y }) => Math.abs(x - middle.x) < 16 && Math.abs(y - middle.y) < 13)) {
          continue;
        }
        taken.push(middle);
        context.strokeStyle = pageColour("paper");
        context.lineWidth = 4;
        context.lineJoin = "round";
        context.strokeText(String(cluster), middle.x, middle.y);
        context.fillStyle = pageColour("ink");
        context.fillText(String(cluster), middle.x, middle.y);
      }
    }
    context.strokeStyle = pageColour("ink");
    context.lineWidth = 1.5;
    for (const volume of [hoverVolume, shown]) {
      if (volume === null || places[volume] === undefined) continue;
      context.beginPath();
      context.arc(places[volume].x, places[volume].y, radius + 3, 0, 2 * Math.PI);
      context.stroke();
    }
    if (lasso !== undefined && lasso.length > 1) {
      context.strokeStyle = pageColour("accent");
      context.fillStyle = pageColour("veil");
      context.beginPath();
      lasso.forEach(({ x, y }) => context.lineTo(x, y));
      context.closePath();
      context.setLineDash([4, 3]);
      context.stroke();
      context.setLineDash([]);
    }
  });

  const nearestTo = ({ x, y }: Place) => {
    let best: number | undefined, least = REACH ** 2;
    places.forEach((place, volume) => {
      const far = (place.x - x) ** 2 + (place.y - y) ** 2;
      if (far < least) [best, least] = [volume, far];
    });
    return best;
  };
  const linesOf = (volume: number): readonly string[] => [
    volumes[volume]!.file,
    `cluster ${clusters[volume]}`,
    `PC${across + 1} ${shortNumber(score(volume, across))}, PC${up + 1} ${
      shortNumber(score(volume, up))
    }`,
    ...report.junk.filter((one) => one.volume === volume).map(({ reason }) => reason),
  ];
  const pick = (volume: number, adding: boolean) => {
    store.set({ volume });
    store.select((now) => pickVolumes(now, [volume], volumes[volume]!.file, adding));
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || components.length === 0) return;
    lasso = [placeIn(canvas, event)];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const place = placeIn(canvas, event);
    if (lasso !== undefined) {
      lasso.push(place);
      return draw();
    }
    nearest = nearestTo(place);
    if (nearest === undefined) hideTooltip();
    else showTooltip(event, linesOf(nearest));
    store.set({ hoverVolume: nearest ?? null });
  });
  canvas.addEventListener("pointerup", (event) => {
    const drawn = lasso ?? [];
    lasso = undefined;
    const place = placeIn(canvas, event);
    const isClick = drawn.every(({ x, y }) => Math.hypot(x - place.x, y - place.y) < 5);
    if (isClick) {
      const volume = nearestTo(place);
      if (volume !== undefined) pick(volume, isAdding(event));
      return;
    }
    const inside = places.flatMap((place, volume) => isInside(place, drawn) ? [volume] : []);
    // Around nothing there is nothing to select.
    if (inside.length > 0) {
      store.select((now) => pickVolumes(now, inside, "lasso", isAdding(event)));
    }
    draw();
  });
  canvas.addEventListener("pointercancel", () => {
    lasso = undefined;
    draw();
  });
  canvas.addEventListener("pointerleave", () => {
    hideTooltip();
    store.set({ hoverVolume: null });
  });
  canvas.addEventListener("keydown", (event) => {
    if (n === 0 || places.length === 0) return;
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step !== 0) {
      const sorted = places.map((_, volume) => volume).sort((a, b) =>
        places[a]!.x - places[b]!.x || a - b
      );
      const at = nearest === undefined ? -1 : sorted.indexOf(nearest);
      nearest = sorted[(at + step + n) % n]!;
      spoken.textContent = linesOf(nearest).join(", ");
      store.set({ hoverVolume: nearest });
    } else if (event.key === "Enter" && nearest !== undefined) pick(nearest, isAdding(event));
    else return;
    event.preventDefault();
  });

  const choose = (
    label: string,
    options: readonly (readonly [number, string])[],
    value: () => number,
    set: (value: number) => void,
  ) => {
    const select = h(
      "select",
      {
        "aria-label": label,
        onchange: () => {
          set(Number(select.value));
          lay();
          draw();
        },
      },
      ...options.map(([value, text]) => h("option", { value }, text)),
    );
    select.value = String(value());
    return select;
  };
  const axes = () =>
    Array.from(
      components[of]?.shares ?? [],
      (_, component) => [component, `PC${component + 1}`] as const,
    );
  const axisX = h("span", {}), axisY = h("span", {});
  const chooseAxes = () => {
    const last = (components[of]?.shares.length ?? 1) - 1;
    across = Math.min(across, last);
    up = Math.min(up, last);
    axisX.replaceChildren(
      choose("Component across", axes(), () => across, (value) => across = value),
    );
    axisY.replaceChildren(choose("Component up", axes(), () => up, (value) => up = value));
  };
  chooseAxes();
  const kind = components.length < 2 ? undefined : choose(
    "Components of",
    components.map(({ of }, i) => [i, of === "regions" ? "of blocks" : "of voxels"] as const),
    () => of,
    (value) => {
      of = value;
      chooseAxes();
    },
  );
  const colour = choose(
    "Coloured by",
    [[-1, "by cluster"], ...blocks.map(({ name }, block) => [block, `by ${name}`] as const)],
    () => colourBy,
    (value) => colourBy = value,
  );
  const chips = groups.map(({ cluster, members }) => {
    const dot = h("span", { class: "dot", "aria-hidden": "true" });
    const chip = h(
      "button",
      {
        type: "button",
        class: "chip",
        "data-cluster": cluster,
        "aria-label": `Cluster ${cluster}, ${counted(members.length, "volume")}`,
        onclick: (event: MouseEvent) =>
          store.select((now) => pickVolumes(now, members, `cluster ${cluster}`, isAdding(event))),
      },
      dot,
      h("b", {}, String(cluster)),
      h("span", { class: "muted" }, String(members.length)),
    );
    return { chip, dot, cluster, members };
  });

  onWidth(holder, (width) => {
    side = width;
    height = Math.round(Math.min(460, Math.max(260, width * 0.78)));
    lay();
    draw();
  });
  store.listen((now, before) => {
    if (now.theme !== before?.theme) {
      for (const { dot, cluster } of chips) {
        dot.style.background = clusterColour(cluster, now.theme);
      }
    }
    if (now.selection !== before?.selection) {
      for (const { chip, members } of chips) {
        const isIn = now.volumes !== null && members.every((volume) => now.volumes?.has(volume));
        chip.setAttribute("aria-pressed", String(isIn));
      }
    }
    const isSame = now.theme === before?.theme && now.selection === before.selection &&
      now.hoverVolume === before.hoverVolume && now.volume === before.volume;
    if (!isSame) draw();
  });
  return figure(
    "components",
    "Principal components",
    h(
      "span",
      {},
      "Each point is a volume, coloured and numbered by its cluster in the tree of volumes; open rings are junk volumes.",
      hint("Draw around points to select them, click one to see it in 3-D."),
    ),
    h(
      "div",
      { class: "toolbar" },
      kind,
      axisX,
      h("span", { class: "muted" }, "\u00d7"),
      axisY,
      colour,
      h("span", { class: "spacer" }),
      button(
        "Save PNG",
        () => canvas.toBlob((blob) => blob === null ? undefined : save("components.png", blob)),
      ),
    ),
    holder,
    spoken,
    chips.length === 0 ? undefined : h(
      "div",
      { class: "clusters", role: "group", "aria-label": "Clusters" },
      h("span", { class: "muted" }, "Clusters"),
      ...chips.map(({ chip }) => chip),
    ),
  );
}

/** Whether a place is in a polygon (even-odd rule). */
function isInside({ x, y }: Place, polygon: readonly Place[]): boolean {
  let isIn = false;
  polygon.forEach((a, i) => {
    const b = polygon[(i + polygon.length - 1) % polygon.length]!;
    if ((a.y > y) !== (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) isIn = !isIn;
  });
  return isIn;
}
