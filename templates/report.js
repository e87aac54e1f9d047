// Made from page/*.ts by `deno task page`: change these, not this.
// deno-lint-ignore-file
(() => {
  // core/report/packed_numbers.ts
  var KINDS = {
    u1: Uint8Array,
    u4: Uint32Array,
    f8: Float64Array
  };
  function unpackNumbers(text) {
    const [kind, base64] = text.split(":");
    const Kind = KINDS[kind];
    if (Kind === void 0) {
      throw new RangeError(`Cannot unpack numbers: their kind is unknown (${kind})`);
    }
    const characters = atob(base64);
    const bytes = new Uint8Array(characters.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
    return new Kind(bytes.buffer);
  }

  // page/branches.ts
  function branchesOf(order, a, b, heights, leaves) {
    const placeOf = new Array(leaves).fill(0);
    order.forEach((leaf, place) => placeOf[leaf] = place);
    const branches = placeOf.map((place) => ({
      height: 0,
      first: place,
      last: place + 1,
      middle: place + 0.5,
      children: void 0
    }));
    a.forEach((left, merge) => {
      const right = b[merge];
      const one = branches[left], other = branches[right];
      branches.push({
        height: heights[merge],
        first: Math.min(one.first, other.first),
        last: Math.max(one.last, other.last),
        middle: (one.middle + other.middle) / 2,
        children: [
          left,
          right
        ]
      });
    });
    return {
      order,
      placeOf,
      branches,
      height: heights[a.length - 1] ?? 0
    };
  }
  function leavesOf({ order, branches }, branch) {
    const { first, last } = branches[branch];
    return order.slice(first, last);
  }
  function branchAt(tree, place, height) {
    const { branches } = tree;
    let at = branches.length - 1;
    if (at < tree.order.length || height > branches[at].height) return void 0;
    if (place < 0 || place >= tree.order.length) return void 0;
    for (; ; ) {
      const next = branches[at].children?.find((child) => {
        const { first, last, children, height: reach } = branches[child];
        return children !== void 0 && place >= first && place < last && reach >= height;
      });
      if (next === void 0) return at;
      at = next;
    }
  }
  function growBranch(tree, leaves) {
    const places = Array.from(leaves, (leaf) => tree.placeOf[leaf]);
    const first = Math.min(...places), last = Math.max(...places) + 1;
    const found = tree.branches.findIndex((branch) => branch.children !== void 0 && branch.first <= first && branch.last >= last && branch.last - branch.first > places.length);
    return found === -1 ? void 0 : found;
  }

  // page/data.ts
  function unpackReport(data) {
    const { values, presence, volumeTree, blockTree, pairs, components, ...rest } = data;
    const n = data.volumes.length, k = data.blocks.length;
    const present = unpackNumbers(presence);
    const columns = Object.entries(pairs).map(([name, packed]) => [
      name,
      unpackNumbers(packed)
    ]);
    const junk = new Set(data.junk.map(({ volume }) => volume));
    const unpacked = [];
    for (let a = 0; a < k; a++) {
      for (let b = a + 1; b < k; b++) {
        const at = unpacked.length;
        const values2 = Object.fromEntries(columns.map(([name, column]) => [
          name,
          column[at] ?? NaN
        ]));
        unpacked.push({
          a,
          b,
          ...values2
        });
      }
    }
    return {
      ...rest,
      values: unpackNumbers(values),
      presence: present,
      volumeTree: unpackTree(volumeTree, n),
      blockTree: unpackTree(blockTree, k),
      sound: n - junk.size,
      present: data.blocks.map((_, block) => data.volumes.filter((_2, volume) => !junk.has(volume) && present[volume * k + block] === 1).length),
      pairs: unpacked,
      pairOf: (a, b) => {
        const low = Math.min(a, b), high = Math.max(a, b);
        return low === high ? void 0 : unpacked[low * k - low * (low + 1) / 2 + high - low - 1];
      },
      components: components.map(({ of, shares, scores }) => ({
        of,
        shares,
        scores: unpackNumbers(scores)
      })),
      clusterCount: data.clusters.reduce((most, cluster) => Math.max(most, cluster), 0)
    };
  }
  function unpackTree({ order, a, b, height }, leaves) {
    return branchesOf(order, a, b, unpackNumbers(height), leaves);
  }

  // page/dom.ts
  function h(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }
  function s(tag, attributes = {}, ...children) {
    return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
  }
  function fill(element2, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") element2.addEventListener(name.slice(2), value);
      else if (value !== false && value !== void 0) {
        element2.setAttribute(name, value === true ? "" : String(value));
      }
    }
    element2.append(...children.filter((child) => child !== void 0));
    return element2;
  }
  function mark(element2, name, isSet) {
    if (element2.hasAttribute(name) !== isSet) element2.toggleAttribute(name, isSet);
  }
  function button(text, onclick, attributes = {}) {
    return h("button", {
      type: "button",
      onclick,
      ...attributes
    }, text);
  }
  function figure(id, title, caption, ...children) {
    return h("section", {
      id,
      class: "figure",
      "aria-labelledby": `${id}-title`
    }, h("h2", {
      id: `${id}-title`
    }, title), ...children, caption === void 0 ? void 0 : h("p", {
      class: "caption"
    }, caption));
  }
  function hint(text) {
    return h("span", {
      class: "screen-only"
    }, ` ${text}`);
  }
  function sizeCanvas(canvas, width, height) {
    const scale2 = Math.max(devicePixelRatio, 2);
    const across = Math.max(1, Math.round(width * scale2));
    const down = Math.max(1, Math.round(height * scale2));
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("Cannot draw: this browser gives no 2-D canvas");
    if (canvas.width !== across || canvas.height !== down) {
      canvas.width = across;
      canvas.height = down;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    } else {
      context.reset();
    }
    context.scale(scale2, scale2);
    return context;
  }
  var waiting = /* @__PURE__ */ new Set();
  function perFrame(draw) {
    return () => {
      if (waiting.size === 0) requestAnimationFrame(drawNow);
      waiting.add(draw);
    };
  }
  function drawNow() {
    for (const draw of waiting) {
      waiting.delete(draw);
      draw();
    }
  }
  function onWidth(element2, listener) {
    let last = -1;
    new ResizeObserver(() => {
      const width = Math.floor(element2.clientWidth);
      if (width === last || width === 0) return;
      last = width;
      listener(width);
    }).observe(element2);
  }
  function placeIn(element2, event) {
    const { left, top } = element2.getBoundingClientRect();
    return {
      x: event.clientX - left,
      y: event.clientY - top
    };
  }
  function save(name, content, type = "text/csv") {
    const blob = typeof content === "string" ? new Blob([
      content
    ], {
      type
    }) : content;
    const url = URL.createObjectURL(blob);
    const link = h("a", {
      href: url,
      download: name
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1e4);
  }
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = h("textarea", {
        class: "offscreen",
        readonly: true
      });
      area.value = text;
      document.body.append(area);
      area.select();
      const isCopied = document.execCommand("copy");
      area.remove();
      return isCopied;
    }
  }

  // core/shell.ts
  function isPlainWord(word) {
    return /^[\w@%+=:,./-]+$/.test(word);
  }
  function quoteForShell(word) {
    if (isPlainWord(word)) return word;
    return /\p{Cc}/u.test(word) ? `$'${escapeAnsi(word)}'` : `'${word.replaceAll("'", `'\\''`)}'`;
  }
  function escapeAnsi(text) {
    if (text.includes("\0")) throw new RangeError("Cannot quote a NUL for a shell");
    return text.replace(/[\\']/g, "\\$&").replace(/\p{Cc}/gu, (character) => Array.from(new TextEncoder().encode(character), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""));
  }

  // page/selection.ts
  var NOTHING = {
    blocks: /* @__PURE__ */ new Map(),
    volumes: null,
    source: ""
  };
  function isNothing({ blocks, volumes }) {
    return blocks.size === 0 && volumes === null;
  }
  function volumesOf(report, selection) {
    if (isNothing(selection)) return null;
    const { blocks, volumes } = selection;
    const chosen = /* @__PURE__ */ new Set();
    const k = report.blocks.length;
    for (let volume = 0; volume < report.volumes.length; volume++) {
      if (volumes !== null && !volumes.has(volume)) continue;
      let isMeant = true;
      for (const [block, wish] of blocks) {
        isMeant &&= report.presence[volume * k + block] === 1 === (wish === "present");
      }
      if (isMeant) chosen.add(volume);
    }
    return chosen;
  }
  function cutoffText(report, block) {
    const cutoff = report.cutoffs[block];
    const k = report.blocks.length;
    const isSame = (short) => report.volumes.every((_, volume) => {
      const share = report.values[volume * k + block];
      return share >= short === share >= cutoff;
    });
    for (let digits = 1; digits < 17; digits++) {
      const short = Number(cutoff.toPrecision(digits));
      if (isSame(short)) return String(short);
    }
    return String(cutoff);
  }
  function whereText(report, { blocks, volumes }) {
    const parts = Array.from(blocks, ([block, wish]) => `${report.blocks[block].name} ${wish === "present" ? ">=" : "<"} ${cutoffText(report, block)}`);
    if (volumes === null) return parts.join(" && ");
    const picked = pickedText(report, volumes);
    if (picked === void 0) return void 0;
    const isOr = picked.includes("||") && parts.length > 0;
    return [
      ...parts,
      isOr ? `(${picked})` : picked
    ].join(" && ");
  }
  function pickedText(report, volumes) {
    const { clusters, junk } = report;
    if (volumes.size === 0) return void 0;
    if (junk.length === volumes.size && junk.every(({ volume }) => volumes.has(volume))) {
      return "junk";
    }
    const whole = new Set(Array.from(volumes, (volume) => clusters[volume]));
    const members = clusters.filter((cluster) => whole.has(cluster)).length;
    if (members !== volumes.size) return void 0;
    return Array.from(whole).sort((a, b) => a - b).map((cluster) => `cluster == ${cluster}`).join(" || ");
  }
  var REST = "--cryodrgn CRYODRGN_FOLDER --outdir particles";
  function commandsOf(report, selection, folder) {
    const run = quoteForShell(folder);
    const where = whereText(report, selection);
    if (where !== void 0) {
      const condition = `${run} --where ${quoteForShell(where)}`;
      return {
        volumes: `siren volumes ${condition}`,
        particles: `siren particles ${condition} ${REST}`
      };
    }
    const names = Array.from(volumesOf(report, selection) ?? [], (volume) => report.volumes[volume].file);
    const isPlain = names.length > 0 && names.every((name) => !/[,\s]/.test(name));
    const list = isPlain ? quoteForShell(names.join(",")) : "volumes.txt";
    return {
      particles: `siren particles --volumes ${list} ${REST}`
    };
  }
  function toggleBlock(selection, block, isAdding2, wish = "present") {
    const { blocks } = selection;
    if (!isAdding2) {
      const isAlone = blocks.size === 1 && blocks.get(block) === wish && selection.volumes === null;
      return isAlone ? NOTHING : {
        ...NOTHING,
        blocks: /* @__PURE__ */ new Map([
          [
            block,
            wish
          ]
        ])
      };
    }
    const changed = new Map(blocks);
    if (changed.get(block) === wish) changed.delete(block);
    else changed.set(block, wish);
    return {
      ...selection,
      blocks: changed
    };
  }
  function pickBlocks(selection, blocks, isAdding2) {
    const picked = new Map(blocks.map((block) => [
      block,
      "present"
    ]));
    return isAdding2 ? {
      ...selection,
      blocks: new Map([
        ...selection.blocks,
        ...picked
      ])
    } : {
      ...NOTHING,
      blocks: picked
    };
  }
  function pickVolumes(selection, volumes, source, isAdding2) {
    if (!isAdding2 || selection.volumes === null) {
      return {
        blocks: isAdding2 ? selection.blocks : /* @__PURE__ */ new Map(),
        volumes: new Set(volumes),
        source
      };
    }
    return {
      ...selection,
      volumes: /* @__PURE__ */ new Set([
        ...selection.volumes,
        ...volumes
      ]),
      source: `${selection.source}, ${source}`
    };
  }
  function formatRanges(numbers) {
    const sorted = [
      ...numbers
    ].sort((a, b) => a - b);
    const ranges = [];
    for (let i = 0; i < sorted.length; ) {
      let end = i;
      while (sorted[end + 1] === sorted[end] + 1) end++;
      ranges.push(end === i ? `${sorted[i]}` : `${sorted[i]}-${sorted[end]}`);
      i = end + 1;
    }
    return ranges.join(",");
  }
  function parseRanges(text, limit) {
    return text.split(",").flatMap((range) => {
      const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(range) ?? [];
      if (from === void 0) return [];
      const end = Math.min(Number(to), limit - 1);
      return Array.from({
        length: Math.max(0, end - Number(from) + 1)
      }, (_, i) => Number(from) + i);
    });
  }

  // core/short_number.ts
  function shortNumber(value) {
    return String(Number(value.toPrecision(4)));
  }

  // page/text.ts
  function count(value) {
    return value.toLocaleString("en-US", {
      maximumFractionDigits: 0
    });
  }
  function counted(value, one, many = `${one}s`) {
    return `${count(value)} ${value === 1 ? one : many}`;
  }
  function percent(share) {
    const value = 100 * share;
    return `${value > 0 && value < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
  }
  function significance(value) {
    return value < 1e-300 ? "< 1e-300" : `= ${Number(value.toPrecision(2))}`;
  }

  // page/panels/block_table.ts
  function blockTable(store) {
    const { report } = store;
    const { blocks } = report;
    const k = blocks.length;
    const needs = blocks.map((_, block) => report.dependencies.filter(({ region, direct }) => direct && region === block).map(({ needs: needs2 }) => needs2));
    const excludes = blocks.map((_, block) => report.pairs.filter(({ exclusive }) => exclusive === 1).flatMap(({ a, b }) => a === block ? [
      b
    ] : b === block ? [
      a
    ] : []));
    const columns = [
      {
        title: "Show",
        hint: "Whether the block is shown in 3-D"
      },
      {
        title: "Block",
        hint: "Name in tables and commands",
        of: (block) => blocks[block].id
      },
      {
        title: "Voxels",
        hint: "Voxels of the block",
        of: (block) => blocks[block].voxels
      },
      {
        title: "nm\xB3",
        hint: "Volume in cubic nanometres",
        of: (block) => blocks[block].volume
      },
      {
        title: "Present",
        hint: "Share of the volumes in which the block's occupancy reaches its cutoff",
        of: (block) => report.present[block]
      },
      {
        title: "Occupancy",
        hint: "Mean share of the block's voxels that are occupied",
        of: (block) => blocks[block].meanOccupancy
      },
      {
        title: "Selected",
        hint: "The same in the selected volumes alone",
        of: (block) => meanIn(store, block, store.get().volumes) ?? 0
      },
      {
        title: "Cohesion",
        hint: "Mean phi of the block's voxels with the block's presence: 1 is as one",
        of: (block) => blocks[block].cohesion
      },
      {
        title: "Needs",
        hint: "Blocks without which it is never seen (direct ones)"
      },
      {
        title: "Excludes",
        hint: "Blocks with which it is never seen"
      }
    ];
    const rows = blocks.map((block, place) => {
      const shown = h("input", {
        type: "checkbox",
        "aria-label": `Show ${block.name} in 3-D`,
        onclick: (event) => event.stopPropagation(),
        onchange: () => {
          const hidden = new Set(store.get().hidden);
          if (shown.checked) hidden.delete(place);
          else hidden.add(place);
          store.set({
            hidden
          });
        }
      });
      const swatch = h("span", {
        class: "swatch",
        "aria-hidden": "true"
      });
      swatch.style.background = block.colour;
      const wish = h("span", {
        class: "wish"
      });
      const text = document.createTextNode("");
      const bar = h("span", {
        class: "bar"
      });
      const mean = h("span", {
        class: "bar"
      });
      mean.style.width = barWidth(block.meanOccupancy);
      const chips = (of) => of.map((other) => button(blocks[other].name, (event) => {
        event.stopPropagation();
        store.select((now) => pickBlocks(now, [
          place,
          other
        ], false));
      }, {
        class: "link",
        "aria-label": `Select ${block.name} and ${blocks[other].name}`
      }));
      const element2 = h("tr", {
        "data-block": block.name,
        tabindex: place === 0 ? "0" : "-1",
        onclick: (event) => {
          store.select((now) => toggleBlock(now, place, isAdding(event)));
        },
        onpointerenter: () => store.set({
          hoverBlock: place
        }),
        onpointerleave: () => store.set({
          hoverBlock: null
        })
      }, h("td", {
        class: "centre"
      }, shown), h("th", {
        scope: "row"
      }, swatch, block.name, wish), h("td", {
        class: "number"
      }, count(block.voxels)), h("td", {
        class: "number"
      }, shortNumber(Math.round(block.volume / 10) / 100)), h("td", {
        class: "number"
      }, report.sound === 0 ? "" : percent(report.present[place] / report.sound)), h("td", {
        class: "number barred"
      }, mean, h("span", {}, block.meanOccupancy.toFixed(2))), h("td", {
        class: "number barred selected"
      }, bar, h("span", {}, text)), h("td", {
        class: "number"
      }, block.cohesion.toFixed(2)), h("td", {
        class: "chips"
      }, ...chips(needs[place])), h("td", {
        class: "chips"
      }, ...chips(excludes[place])));
      return {
        element: element2,
        shown,
        wish,
        selected: {
          text,
          bar
        }
      };
    });
    const body = h("tbody", {}, ...rows.map(({ element: element2 }) => element2));
    let order = blocks.map((_, place) => place);
    let sortedBy = 1, isFalling = false;
    const headings = columns.map(({ title, hint: hint2, of }, c) => h("th", {
      scope: "col",
      title: hint2,
      class: of === void 0 || c === 1 ? "" : "number"
    }, of === void 0 ? title : button(title, () => {
      isFalling = sortedBy === c ? !isFalling : c !== 1;
      sortedBy = c;
      sort();
    }, {
      class: "sort"
    })));
    const sort = () => {
      const of = columns[sortedBy]?.of;
      if (of === void 0) return;
      const sign = isFalling ? -1 : 1;
      order = blocks.map((_, place) => place).sort((a, b) => sign * (of(a) - of(b)) || a - b);
      body.append(...order.map((place) => rows[place].element));
      headings.forEach((heading, c) => {
        if (c === sortedBy) heading.setAttribute("aria-sort", isFalling ? "descending" : "ascending");
        else heading.removeAttribute("aria-sort");
      });
    };
    const all = h("input", {
      type: "checkbox",
      "aria-label": "Show all blocks in 3-D",
      onchange: () => store.set({
        hidden: all.checked ? /* @__PURE__ */ new Set() : new Set(order)
      })
    });
    headings[0].replaceChildren(all);
    sort();
    const moveTo = (place) => {
      if (place === void 0) return;
      for (const { element: element3 } of rows) element3.tabIndex = -1;
      const { element: element2 } = rows[place];
      element2.tabIndex = 0;
      element2.focus();
    };
    body.addEventListener("keydown", (event) => {
      const at = order.findIndex((place) => rows[place].element === event.target);
      if (at === -1) return;
      const steps = {
        ArrowDown: at + 1,
        ArrowUp: at - 1,
        Home: 0,
        End: k - 1
      };
      const next = steps[event.key];
      if (next !== void 0) moveTo(order[Math.min(k - 1, Math.max(0, next))]);
      else if (event.key === "Enter" || event.key === " ") {
        store.select((now) => toggleBlock(now, order[at], isAdding(event)));
      } else if (event.key === "v") rows[order[at]].shown.click();
      else return;
      event.preventDefault();
    });
    const table = h("table", {
      class: "blocks",
      "aria-label": "Blocks",
      "aria-multiselectable": "true",
      role: "grid"
    }, h("thead", {}, h("tr", {}, ...headings)), body);
    store.listen((now, before) => {
      if (now.hoverBlock !== before?.hoverBlock) {
        rows.forEach(({ element: element2 }, place) => mark(element2, "data-hover", place === now.hoverBlock));
      }
      if (now.hidden !== before?.hidden) {
        rows.forEach(({ shown }, place) => shown.checked = !now.hidden.has(place));
        all.checked = now.hidden.size === 0;
        all.indeterminate = now.hidden.size > 0 && now.hidden.size < k;
      }
      if (now.selection !== before?.selection) update(now);
    });
    function update({ selection, volumes }) {
      mark(table, "data-selecting", volumes !== null);
      rows.forEach(({ element: element2, wish, selected }, place) => {
        const asked = selection.blocks.get(place);
        element2.setAttribute("aria-selected", String(asked !== void 0));
        wish.textContent = asked === "absent" ? "absent" : "";
        const mean = meanIn(store, place, volumes);
        selected.text.textContent = mean === void 0 ? "" : mean.toFixed(2);
        selected.bar.style.width = barWidth(mean ?? 0);
      });
      if (sortedBy === 6) sort();
    }
    return figure("blocks", "Blocks", k === 0 ? "No blocks were found: there is nothing to show." : h("span", {}, "Present in so many volumes; mean occupancy in all volumes, and in those that are selected.", hint("Click a block, or press Enter, to select it and the volumes that have it; with Ctrl or Shift it is added. Headings sort.")), h("div", {
      class: "scroll",
      tabindex: "-1"
    }, table));
  }
  function barWidth(share) {
    return `calc(${Math.min(1, Math.max(0, share))} * (100% - 12px))`;
  }
  function isAdding(event) {
    return event.ctrlKey || event.metaKey || event.shiftKey;
  }
  function meanIn({ report }, block, volumes) {
    if (volumes === null || volumes.size === 0) return void 0;
    let sum = 0;
    for (const volume of volumes) sum += report.values[volume * report.blocks.length + block];
    return sum / volumes.size;
  }

  // page/colours.ts
  var OCCUPANCY = {
    light: [
      [
        243,
        245,
        248
      ],
      [
        198,
        219,
        236
      ],
      [
        120,
        174,
        214
      ],
      [
        46,
        118,
        178
      ],
      [
        12,
        62,
        120
      ],
      [
        5,
        30,
        66
      ]
    ],
    dark: [
      [
        30,
        35,
        42
      ],
      [
        24,
        62,
        100
      ],
      [
        28,
        104,
        156
      ],
      [
        74,
        152,
        200
      ],
      [
        146,
        200,
        230
      ],
      [
        228,
        243,
        250
      ]
    ]
  };
  var PHI = {
    light: [
      [
        166,
        84,
        0
      ],
      [
        232,
        155,
        62
      ],
      [
        249,
        214,
        168
      ],
      [
        246,
        247,
        248
      ],
      [
        176,
        208,
        232
      ],
      [
        66,
        139,
        194
      ],
      [
        8,
        69,
        130
      ]
    ],
    dark: [
      [
        255,
        186,
        102
      ],
      [
        205,
        122,
        36
      ],
      [
        104,
        66,
        26
      ],
      [
        34,
        39,
        46
      ],
      [
        28,
        70,
        108
      ],
      [
        60,
        134,
        190
      ],
      [
        166,
        212,
        242
      ]
    ]
  };
  var CLUSTERS = {
    light: [
      "#332288",
      "#117733",
      "#882255",
      "#999933",
      "#cc6677",
      "#44aa99",
      "#aa4499",
      "#6699cc",
      "#ddcc77"
    ],
    dark: [
      "#9d8fe8",
      "#4fb573",
      "#d9709f",
      "#c8c862",
      "#f0939f",
      "#6fd3c3",
      "#d986cc",
      "#93bfea",
      "#efe0a0"
    ]
  };
  function clusterColour(cluster, theme2) {
    const colours = CLUSTERS[theme2];
    return colours[(cluster - 1 + colours.length) % colours.length];
  }
  function occupancyScale(theme2) {
    return scale(OCCUPANCY[theme2]);
  }
  function phiScale(theme2) {
    const at = scale(PHI[theme2]);
    return (phi) => at((phi + 1) / 2);
  }
  function css([r, g, b]) {
    return `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;
  }
  var known = /* @__PURE__ */ new Map();
  function pageColour(name) {
    const { theme: theme2 = "" } = document.documentElement.dataset;
    const key = `${theme2} ${name}`;
    let colour = known.get(key);
    if (colour === void 0) {
      colour = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
      known.set(key, colour);
    }
    return colour;
  }
  function scale(stops) {
    return (share) => {
      const at = Math.min(1, Math.max(0, share || 0)) * (stops.length - 1);
      const below = Math.min(Math.floor(at), stops.length - 2), part = at - below;
      const from = stops[below], to = stops[below + 1];
      const mix = (channel) => from[channel] + part * (to[channel] - from[channel]);
      return [
        mix(0),
        mix(1),
        mix(2)
      ];
    };
  }

  // page/tooltip.ts
  var GAP = 14;
  var element;
  function showTooltip(event, lines) {
    element ??= document.body.appendChild(h("div", {
      class: "tooltip",
      "aria-hidden": "true"
    }));
    element.replaceChildren(...lines.map((line, i) => h(i === 0 ? "b" : "span", {}, line)));
    element.hidden = false;
    const { width, height } = element.getBoundingClientRect();
    const left = event.clientX + GAP + width > innerWidth ? event.clientX - GAP - width : event.clientX + GAP;
    const top = event.clientY + GAP + height > innerHeight ? event.clientY - GAP - height : event.clientY + GAP;
    element.style.left = `${Math.max(4, left)}px`;
    element.style.top = `${Math.max(4, top)}px`;
  }
  function hideTooltip() {
    if (element !== void 0) element.hidden = true;
  }

  // page/panels/heat_map.ts
  var TREE = 96;
  var STRIP = 9;
  var BLOCK_TREE = 56;
  var SWATCH = 7;
  var GAP2 = 5;
  var RIGHT = 14;
  var LEAST = 240;
  var MOST = 620;
  var PER_ROW = 2;
  var WIDEST_CELL = 84;
  function heatMap(store) {
    const { report } = store;
    const { volumes, blocks, values, clusters, volumeTree, blockTree, cutoffs } = report;
    const n = volumes.length, k = blocks.length;
    const base = h("canvas", {
      "aria-hidden": "true"
    });
    const over = h("canvas", {
      tabindex: "0",
      role: "application",
      "aria-roledescription": "heat map",
      "aria-label": `Occupancy of ${counted(k, "block")} in ${counted(n, "volume")}. Arrow keys move, Shift with them selects volumes, Enter shows the volume in 3-D, Space selects the block, g takes the next larger branch.`,
      "aria-describedby": "heat-map-cursor"
    });
    const spoken = h("p", {
      id: "heat-map-cursor",
      class: "offscreen",
      "aria-live": "polite"
    });
    const holder = h("div", {
      class: "layers"
    }, base, over);
    let layout;
    let range = [
      0,
      n
    ];
    let cursor;
    let anchor;
    const volumeAt = (row) => volumeTree.order[row];
    const blockAt = (column) => blockTree.order[column];
    const lay = (width) => {
      const [first, last] = range;
      const left = TREE + STRIP + 2 * GAP2;
      const cellWidth = Math.min(WIDEST_CELL, Math.max(0.5, (width - left - RIGHT) / Math.max(1, k)));
      const cells = Math.min(MOST, Math.max(LEAST, PER_ROW * (last - first)));
      const labels = labelRoom(cellWidth);
      const top = BLOCK_TREE + labels + SWATCH + 2 * GAP2;
      return {
        width,
        height: top + cells + 1,
        left,
        top,
        cellWidth,
        rowHeight: cells / Math.max(1, last - first),
        first,
        last
      };
    };
    const longest = Math.max(0, ...blocks.map(({ name }) => name.length));
    const isLevel = (cellWidth) => cellWidth >= 7 * longest + 4;
    const labelRoom = (cellWidth) => isLevel(cellWidth) ? 15 : cellWidth >= 11 ? 7 * longest + 6 : 0;
    const draw = perFrame(() => {
      if (layout === void 0) return;
      const { width, height, left, top, cellWidth, rowHeight, first, last } = layout;
      const { theme: theme2 } = store.get();
      const context = sizeCanvas(base, width, height);
      drawCells(context, layout);
      for (let row = first; row < last; row++) {
        context.fillStyle = clusterColour(clusters[volumeAt(row)], theme2);
        context.fillRect(TREE + GAP2, top + (row - first) * rowHeight, STRIP, Math.max(rowHeight, 0.6));
      }
      context.fillStyle = pageColour("paper");
      for (let row = first + 1; row < last; row++) {
        if (clusters[volumeAt(row)] === clusters[volumeAt(row - 1)]) continue;
        context.fillRect(TREE + GAP2, top + (row - first) * rowHeight - 0.5, STRIP + GAP2 + k * cellWidth, 1);
      }
      context.font = "12px system-ui, sans-serif";
      for (let column = 0; column < k; column++) {
        const { name, colour } = blocks[blockAt(column)];
        const x = left + column * cellWidth;
        context.fillStyle = colour;
        context.fillRect(x + 0.5, top - GAP2 - SWATCH, Math.max(0.5, cellWidth - 1), SWATCH);
        if (labelRoom(cellWidth) === 0) continue;
        context.fillStyle = pageColour("ink");
        context.save();
        context.translate(x + cellWidth / 2, top - 2 * GAP2 - SWATCH);
        if (!isLevel(cellWidth)) context.rotate(-Math.PI / 2);
        context.textAlign = isLevel(cellWidth) ? "center" : "left";
        context.textBaseline = isLevel(cellWidth) ? "alphabetic" : "middle";
        context.fillText(name, 0, 0);
        context.restore();
      }
      context.strokeStyle = pageColour("muted");
      context.lineWidth = n > 400 ? 0.5 : 0.8;
      strokeTree(context, volumeTree, (place, height2) => volumePoint(layout, place, height2), [
        top,
        top + rowHeight * (last - first)
      ]);
      context.lineWidth = 0.8;
      strokeTree(context, blockTree, (place, height2) => blockPoint(layout, place, height2));
      drawOver();
    });
    const drawCells = (context, { left, top, cellWidth, rowHeight, first, last }) => {
      if (k === 0 || last === first) return;
      const colour = occupancyScale(store.get().theme);
      const rows = Math.min(last - first, Math.round(rowHeight * (last - first) * 2));
      const image = new ImageData(k, rows);
      for (let row = 0; row < rows; row++) {
        const from = first + Math.floor(row * (last - first) / rows);
        const to = Math.max(from + 1, first + Math.floor((row + 1) * (last - first) / rows));
        for (let column = 0; column < k; column++) {
          let sum = 0;
          for (let place = from; place < to; place++) {
            sum += values[volumeAt(place) * k + blockAt(column)];
          }
          const [r, g, b] = colour(sum / (to - from));
          image.data.set([
            r,
            g,
            b,
            255
          ], 4 * (row * k + column));
        }
      }
      const picture2 = new OffscreenCanvas(k, rows);
      picture2.getContext("2d")?.putImageData(image, 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(picture2, left, top, k * cellWidth, rowHeight * (last - first));
    };
    const drawOver = perFrame(() => {
      if (layout === void 0) return;
      const { width, height, left, top, cellWidth, rowHeight, first, last } = layout;
      const { selection, volumes: chosen, hoverBlock, hoverVolume, volume } = store.get();
      const context = sizeCanvas(over, width, height);
      const bottom = top + rowHeight * (last - first);
      const accent = pageColour("accent");
      if (chosen !== null) {
        context.fillStyle = pageColour("veil");
        runsOf(first, last, (row) => !chosen.has(volumeAt(row)), (from, to) => {
          context.fillRect(TREE + GAP2, top + (from - first) * rowHeight, STRIP + GAP2 + k * cellWidth, (to - from) * rowHeight);
        });
        context.fillStyle = accent;
        runsOf(first, last, (row) => chosen.has(volumeAt(row)), (from, to) => {
          context.fillRect(left + k * cellWidth + 3, top + (from - first) * rowHeight, 4, Math.max(1, (to - from) * rowHeight));
        });
      }
      const column = (block, thickness, dashes) => {
        context.strokeStyle = accent;
        context.lineWidth = thickness;
        context.setLineDash([
          ...dashes
        ]);
        context.strokeRect(left + blockTree.placeOf[block] * cellWidth, top - GAP2 - SWATCH - 1, cellWidth, bottom - top + GAP2 + SWATCH + 1);
        context.setLineDash([]);
      };
      for (const [block, wish] of selection.blocks) column(block, 2, wish === "absent" ? [
        5,
        4
      ] : []);
      if (hoverBlock !== null) column(hoverBlock, 1, []);
      for (const shown of [
        hoverVolume,
        volume
      ]) {
        if (shown === null) continue;
        const row = volumeTree.placeOf[shown];
        if (row < first || row >= last) continue;
        const y = top + (row - first) * rowHeight;
        context.fillStyle = accent;
        context.fillRect(TREE + GAP2, y, STRIP + GAP2 + k * cellWidth, Math.max(1, Math.min(1.5, rowHeight)));
        context.beginPath();
        const x = left + k * cellWidth + 9;
        context.moveTo(x, y + rowHeight / 2);
        context.lineTo(x + 5, y + rowHeight / 2 - 3.5);
        context.lineTo(x + 5, y + rowHeight / 2 + 3.5);
        context.fill();
      }
      if (hovered?.kind === "volume branch") {
        strokeBranch(context, volumeTree, hovered.branch, (p, height2) => volumePoint(layout, p, height2), [
          top,
          bottom
        ]);
      } else if (hovered?.kind === "block branch") {
        strokeBranch(context, blockTree, hovered.branch, (p, height2) => blockPoint(layout, p, height2));
      }
      if (cursor !== void 0 && document.activeElement === over) {
        context.strokeStyle = pageColour("ink");
        context.lineWidth = 1.5;
        context.strokeRect(left + cursor.column * cellWidth, top + (cursor.row - first) * rowHeight, cellWidth, Math.max(3, rowHeight));
      }
    });
    const strokeBranch = (context, tree, branch, point, clip) => {
      context.strokeStyle = pageColour("accent");
      context.lineWidth = 2;
      strokeTree(context, tree, point, clip, branch);
    };
    let hovered;
    const targetAt = (x, y) => {
      if (layout === void 0) return void 0;
      const { left, top, cellWidth, rowHeight, first, last } = layout;
      const place = first + (y - top) / rowHeight;
      const across = (x - left) / cellWidth;
      const row = Math.floor(place), column = Math.floor(across);
      const isRow = row >= first && row < last, isColumn = column >= 0 && column < k;
      if (x >= left && isColumn && y >= top && isRow) return {
        kind: "cell",
        row,
        column
      };
      if (x >= left && isColumn && y < top && y >= BLOCK_TREE) return {
        kind: "block",
        column
      };
      if (x < left && x >= TREE && isRow) return {
        kind: "cluster",
        row
      };
      if (x < TREE && isRow) {
        const branch = branchAt(volumeTree, place, Math.max(0, 1 - x / (TREE - 2)) * volumeTree.height);
        return branch === void 0 ? void 0 : {
          kind: "volume branch",
          branch
        };
      }
      if (y < BLOCK_TREE && isColumn) {
        const branch = branchAt(blockTree, across, Math.max(0, 1 - y / (BLOCK_TREE - 2)) * blockTree.height);
        return branch === void 0 ? void 0 : {
          kind: "block branch",
          branch
        };
      }
      return void 0;
    };
    const linesOf = (target) => {
      switch (target.kind) {
        case "cell": {
          const volume = volumeAt(target.row), block = blockAt(target.column);
          const share = values[volume * k + block];
          const state = share >= cutoffs[block] ? "present" : "absent";
          return [
            `${blocks[block].name} in ${volumes[volume].file}`,
            `occupancy ${shortNumber(share)}: ${state} (cutoff ${shortNumber(cutoffs[block])})`,
            `cluster ${clusters[volume]}`
          ];
        }
        case "block": {
          const block = blockAt(target.column);
          return [
            blocks[block].name,
            `present in ${counted(report.present[block], "volume")} of ${report.sound}`
          ];
        }
        case "cluster": {
          const cluster = clusters[volumeAt(target.row)];
          return [
            `Cluster ${cluster}`,
            counted(clusters.filter((one) => one === cluster).length, "volume")
          ];
        }
        case "volume branch":
        case "block branch": {
          const [tree, what] = target.kind === "volume branch" ? [
            volumeTree,
            "volume"
          ] : [
            blockTree,
            "block"
          ];
          const { first, last, height } = tree.branches[target.branch];
          return [
            `Branch of ${counted(last - first, what)}`,
            `joined at height ${shortNumber(height)}`
          ];
        }
      }
    };
    const act = (target, adding) => {
      switch (target.kind) {
        case "cell": {
          const volume = volumeAt(target.row);
          store.set({
            volume
          });
          return store.select((now) => pickVolumes(now, [
            volume
          ], volumes[volume].file, adding));
        }
        case "block":
          return store.select((now) => toggleBlock(now, blockAt(target.column), adding));
        case "cluster": {
          const cluster = clusters[volumeAt(target.row)];
          return store.select((now) => pickVolumes(now, membersOf(clusters, cluster), `cluster ${cluster}`, adding));
        }
        case "volume branch": {
          const leaves = leavesOf(volumeTree, target.branch);
          return store.select((now) => pickVolumes(now, leaves, `branch of ${leaves.length}`, adding));
        }
        case "block branch":
          return store.select((now) => pickBlocks(now, leavesOf(blockTree, target.branch), adding));
      }
    };
    let drag;
    const pickRange = (from, to, adding) => {
      const [low, high] = from < to ? [
        from,
        to
      ] : [
        to,
        from
      ];
      const rows = volumeTree.order.slice(low, high + 1);
      store.select((now) => pickVolumes(now, rows, `${counted(rows.length, "row")} of the heat map`, adding));
    };
    over.addEventListener("pointerdown", (event) => {
      const { x, y } = placeIn(over, event);
      const target = targetAt(x, y);
      if (target?.kind !== "cell" || event.button !== 0) return;
      drag = {
        from: target.row,
        to: target.row,
        x,
        y,
        isMoved: false
      };
      if (event.pointerType !== "touch") over.setPointerCapture(event.pointerId);
    });
    over.addEventListener("pointermove", (event) => {
      const { x, y } = placeIn(over, event);
      if (drag !== void 0 && layout !== void 0 && event.pointerType !== "touch") {
        drag.isMoved ||= Math.abs(y - drag.y) > 4;
        const { top, rowHeight, first, last } = layout;
        drag.to = Math.min(last - 1, Math.max(first, first + Math.floor((y - top) / rowHeight)));
        if (drag.isMoved) pickRange(drag.from, drag.to, false);
      }
      hovered = targetAt(x, y);
      over.style.cursor = hovered === void 0 ? "default" : hovered.kind === "cell" ? "crosshair" : "pointer";
      if (hovered === void 0) hideTooltip();
      else showTooltip(event, linesOf(hovered));
      const isCell = hovered?.kind === "cell";
      store.set({
        hoverBlock: isCell || hovered?.kind === "block" ? blockAt(hovered.column) : null,
        hoverVolume: isCell ? volumeAt(hovered.row) : null
      });
      drawOver();
    });
    over.addEventListener("pointerleave", () => {
      hovered = void 0;
      hideTooltip();
      store.set({
        hoverBlock: null,
        hoverVolume: null
      });
    });
    over.addEventListener("click", (event) => {
      const wasMoved = drag?.isMoved === true;
      drag = void 0;
      if (wasMoved) return;
      const { x, y } = placeIn(over, event);
      const target = targetAt(x, y);
      if (target === void 0) return;
      if (target.kind === "cell") cursor = {
        row: target.row,
        column: target.column
      };
      act(target, isAdding(event));
    });
    over.addEventListener("pointercancel", () => drag = void 0);
    const moves = {
      ArrowUp: [
        -1,
        0
      ],
      ArrowDown: [
        1,
        0
      ],
      ArrowLeft: [
        0,
        -1
      ],
      ArrowRight: [
        0,
        1
      ],
      PageUp: [
        -20,
        0
      ],
      PageDown: [
        20,
        0
      ],
      Home: [
        -Infinity,
        0
      ],
      End: [
        Infinity,
        0
      ]
    };
    over.addEventListener("keydown", (event) => {
      if (k === 0 || n === 0 || layout === void 0) return;
      const [first, last] = range;
      const move = moves[event.key];
      if (move !== void 0) {
        const from = cursor ?? {
          row: first,
          column: 0
        };
        const isFresh = cursor === void 0;
        cursor = {
          row: Math.min(last - 1, Math.max(first, from.row + (isFresh ? 0 : move[0]))),
          column: Math.min(k - 1, Math.max(0, from.column + (isFresh ? 0 : move[1])))
        };
        if (event.shiftKey && move[0] !== 0) pickRange(anchor ??= from.row, cursor.row, false);
        else anchor = void 0;
        const lines = linesOf({
          kind: "cell",
          ...cursor
        });
        spoken.textContent = lines.join(", ");
        store.set({
          hoverBlock: blockAt(cursor.column),
          hoverVolume: volumeAt(cursor.row)
        });
      } else if (event.key === "Enter" && cursor !== void 0) {
        act({
          kind: "cell",
          ...cursor
        }, isAdding(event));
      } else if (event.key === " " && cursor !== void 0) {
        act({
          kind: "block",
          column: cursor.column
        }, isAdding(event));
      } else if (event.key === "g") {
        const chosen = store.get().volumes;
        const leaves = chosen !== null && chosen.size > 0 ? chosen : [
          volumeAt(cursor?.row ?? first)
        ];
        const branch = growBranch(volumeTree, leaves);
        if (branch !== void 0) act({
          kind: "volume branch",
          branch
        }, false);
      } else return;
      event.preventDefault();
      drawOver();
    });
    over.addEventListener("focus", drawOver);
    over.addEventListener("blur", () => {
      store.set({
        hoverBlock: null,
        hoverVolume: null
      });
      drawOver();
    });
    const whole = button("All rows", () => zoom([
      0,
      n
    ]), {
      disabled: true
    });
    const near = button("Zoom to selected rows", () => {
      const places = Array.from(store.get().volumes ?? [], (volume) => volumeTree.placeOf[volume]);
      if (places.length > 0) zoom([
        Math.min(...places),
        Math.max(...places) + 1
      ]);
    }, {
      disabled: true
    });
    const zoom = (rows) => {
      range = rows;
      cursor = void 0;
      whole.disabled = rows[0] === 0 && rows[1] === n;
      if (layout !== void 0) layout = lay(layout.width);
      draw();
    };
    const picture = button("Save PNG", () => {
      base.toBlob((blob) => blob === null ? void 0 : save("occupancy.png", blob));
    });
    onWidth(holder, (width) => {
      layout = lay(width);
      draw();
    });
    store.listen((now, before) => {
      near.disabled = now.volumes === null || now.volumes.size === 0;
      if (now.theme !== before?.theme) draw();
      else if (isOther(now, before)) drawOver();
    });
    return figure("occupancy", "Occupancy", h("span", {}, `Share of each block\u2019s voxels that is occupied in each volume, ordered by ${report.linkage === "ward" ? "Ward\u2019s" : "average"} linkage of volumes (left) and blocks (top).`, hint("Click a branch, a cluster of the strip, or a block\u2019s name; drag down rows; click a cell to see its volume in 3-D.")), h("div", {
      class: "toolbar"
    }, legend(store), h("span", {
      class: "spacer"
    }), near, whole, picture), holder, spoken);
  }
  function legend(store) {
    const bar = h("canvas", {
      "aria-hidden": "true"
    });
    store.listen(({ theme: theme2 }, before) => {
      if (theme2 === before?.theme) return;
      const context = sizeCanvas(bar, 120, 10);
      const colour = occupancyScale(theme2);
      for (let x = 0; x < 120; x++) {
        context.fillStyle = css(colour(x / 119));
        context.fillRect(x, 0, 1.5, 10);
      }
    });
    return h("span", {
      class: "legend",
      role: "img",
      "aria-label": "Colours from occupancy 0 to 1"
    }, "0", bar, "1");
  }
  function membersOf(clusters, cluster) {
    return clusters.flatMap((one, volume) => one === cluster ? [
      volume
    ] : []);
  }
  function isOther(now, before) {
    return now.selection !== before?.selection || now.hoverBlock !== before.hoverBlock || now.hoverVolume !== before.hoverVolume || now.volume !== before.volume;
  }
  function runsOf(first, last, has, found) {
    for (let row = first; row < last; ) {
      let end = row + 1;
      const isIn = has(row);
      while (end < last && has(end) === isIn) end++;
      if (isIn) found(row, end);
      row = end;
    }
  }
  var shareOf = ({ height }, value) => height === 0 ? 0 : value / height;
  function strokeTree(context, tree, point, clip, root2 = tree.branches.length - 1) {
    const { branches } = tree;
    if (branches[root2]?.children === void 0) return;
    context.save();
    if (clip !== void 0) {
      context.beginPath();
      context.rect(0, clip[0], 1e5, clip[1] - clip[0]);
      context.clip();
    }
    context.beginPath();
    for (const stack = [
      root2
    ]; stack.length > 0; ) {
      const { children, height } = branches[stack.pop()];
      if (children === void 0) continue;
      const [left, right] = [
        branches[children[0]],
        branches[children[1]]
      ];
      context.moveTo(...point(left.middle, shareOf(tree, left.height)));
      context.lineTo(...point(left.middle, shareOf(tree, height)));
      context.lineTo(...point(right.middle, shareOf(tree, height)));
      context.lineTo(...point(right.middle, shareOf(tree, right.height)));
      stack.push(...children);
    }
    context.stroke();
    context.restore();
  }
  var volumePoint = ({ top, rowHeight, first }, place, height) => [
    1 + (1 - height) * (TREE - 2),
    top + (place - first) * rowHeight
  ];
  var blockPoint = ({ left, cellWidth }, place, height) => [
    left + place * cellWidth,
    1 + (1 - height) * (BLOCK_TREE - 2)
  ];

  // page/panels/components.ts
  var MARGIN = 30;
  var REACH = 12;
  function componentScatter(store) {
    const { report } = store;
    const { volumes, components, clusters, clusterCount, blocks, values } = report;
    const n = volumes.length, k = blocks.length;
    let of = 0, across = 0, up = 1, colourBy = -1;
    const canvas = h("canvas", {
      tabindex: "0",
      role: "application",
      "aria-roledescription": "scatter plot",
      "aria-label": `Principal components of ${counted(n, "volume")}. Left and right arrows go from volume to volume, Enter shows one in 3-D. Clusters are selected by the buttons below.`,
      "aria-describedby": "component-cursor"
    });
    const spoken = h("p", {
      id: "component-cursor",
      class: "offscreen",
      "aria-live": "polite"
    });
    const holder = h("div", {
      class: "layers"
    }, canvas);
    let side = 0, height = 0;
    let places = [];
    let lasso;
    let nearest;
    const groups = Array.from({
      length: clusterCount
    }, (_, i) => ({
      cluster: i + 1,
      members: membersOf(clusters, i + 1)
    })).filter(({ members }) => members.length > 0);
    const largest = groups.toSorted((a, b) => b.members.length - a.members.length);
    const score = (volume, component) => {
      const { scores, shares } = components[of];
      return component < shares.length ? scores[volume * shares.length + component] : 0;
    };
    const lay = () => {
      if (components.length === 0) return;
      const range = (component) => {
        let low = Infinity, high = -Infinity;
        for (let volume = 0; volume < n; volume++) {
          low = Math.min(low, score(volume, component));
          high = Math.max(high, score(volume, component));
        }
        const pad = (high - low || 1) * 0.04;
        return [
          low - pad,
          high - low + 2 * pad
        ];
      };
      const [left, wide] = range(across), [bottom, tall] = range(up);
      places = Array.from({
        length: n
      }, (_, volume) => ({
        x: MARGIN + (score(volume, across) - left) / wide * (side - MARGIN - 8),
        y: height - MARGIN - (score(volume, up) - bottom) / tall * (height - MARGIN - 8)
      }));
    };
    const draw = perFrame(() => {
      if (side === 0) return;
      const { theme: theme2, volumes: chosen, hoverVolume, volume: shown } = store.get();
      const context = sizeCanvas(canvas, side, height);
      context.strokeStyle = pageColour("rule");
      context.strokeRect(MARGIN + 0.5, 0.5, side - MARGIN - 1, height - MARGIN - 1);
      const set = components[of];
      context.fillStyle = pageColour("muted");
      context.font = "12px system-ui, sans-serif";
      if (set === void 0 || set.shares.length === 0) {
        context.textAlign = "center";
        context.fillText("Too few volumes for components", side / 2, height / 2);
        return;
      }
      const label = (component) => {
        const share = set.shares[component];
        return share === void 0 ? "" : `PC${component + 1} (${percent(share)})`;
      };
      context.textAlign = "center";
      context.fillText(label(across), (MARGIN + side) / 2, height - 9);
      context.save();
      context.translate(13, (height - MARGIN) / 2);
      context.rotate(-Math.PI / 2);
      context.fillText(label(up), 0, 4);
      context.restore();
      const occupancy = occupancyScale(theme2);
      const radius = n > 800 ? 2.4 : n > 300 ? 3 : 3.8;
      const junk = new Set(report.junk.map(({ volume }) => volume));
      const dot2 = (volume, isFaint) => {
        const { x, y } = places[volume];
        context.globalAlpha = isFaint ? 0.18 : 0.9;
        context.fillStyle = colourBy === -1 ? clusterColour(clusters[volume], theme2) : css(occupancy(values[volume * k + colourBy]));
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
      for (let volume = 0; volume < n; volume++) if (chosen?.has(volume) === false) dot2(volume, true);
      for (let volume = 0; volume < n; volume++) {
        if (chosen?.has(volume) !== false) dot2(volume, false);
      }
      context.globalAlpha = 1;
      if (colourBy === -1) {
        context.font = "bold 12px system-ui, sans-serif";
        context.textBaseline = "middle";
        const taken = [];
        for (const { cluster, members } of largest) {
          const mean = (axis) => members.reduce((sum, volume) => sum + places[volume][axis], 0) / members.length;
          const middle = {
            x: mean("x"),
            y: mean("y")
          };
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
      for (const volume of [
        hoverVolume,
        shown
      ]) {
        if (volume === null || places[volume] === void 0) continue;
        context.beginPath();
        context.arc(places[volume].x, places[volume].y, radius + 3, 0, 2 * Math.PI);
        context.stroke();
      }
      if (lasso !== void 0 && lasso.length > 1) {
        context.strokeStyle = pageColour("accent");
        context.fillStyle = pageColour("veil");
        context.beginPath();
        lasso.forEach(({ x, y }) => context.lineTo(x, y));
        context.closePath();
        context.setLineDash([
          4,
          3
        ]);
        context.stroke();
        context.setLineDash([]);
      }
    });
    const nearestTo = ({ x, y }) => {
      let best, least = REACH ** 2;
      places.forEach((place, volume) => {
        const far = (place.x - x) ** 2 + (place.y - y) ** 2;
        if (far < least) [best, least] = [
          volume,
          far
        ];
      });
      return best;
    };
    const linesOf = (volume) => [
      volumes[volume].file,
      `cluster ${clusters[volume]}`,
      `PC${across + 1} ${shortNumber(score(volume, across))}, PC${up + 1} ${shortNumber(score(volume, up))}`,
      ...report.junk.filter((one) => one.volume === volume).map(({ reason }) => reason)
    ];
    const pick = (volume, adding) => {
      store.set({
        volume
      });
      store.select((now) => pickVolumes(now, [
        volume
      ], volumes[volume].file, adding));
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || components.length === 0) return;
      lasso = [
        placeIn(canvas, event)
      ];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      const place = placeIn(canvas, event);
      if (lasso !== void 0) {
        lasso.push(place);
        return draw();
      }
      nearest = nearestTo(place);
      if (nearest === void 0) hideTooltip();
      else showTooltip(event, linesOf(nearest));
      store.set({
        hoverVolume: nearest ?? null
      });
    });
    canvas.addEventListener("pointerup", (event) => {
      const drawn = lasso ?? [];
      lasso = void 0;
      const place = placeIn(canvas, event);
      const isClick = drawn.every(({ x, y }) => Math.hypot(x - place.x, y - place.y) < 5);
      if (isClick) {
        const volume = nearestTo(place);
        if (volume !== void 0) pick(volume, isAdding(event));
        return;
      }
      const inside = places.flatMap((place2, volume) => isInside(place2, drawn) ? [
        volume
      ] : []);
      store.select((now) => pickVolumes(now, inside, "lasso", isAdding(event)));
      draw();
    });
    canvas.addEventListener("pointercancel", () => {
      lasso = void 0;
      draw();
    });
    canvas.addEventListener("pointerleave", () => {
      hideTooltip();
      store.set({
        hoverVolume: null
      });
    });
    canvas.addEventListener("keydown", (event) => {
      if (n === 0 || places.length === 0) return;
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (step !== 0) {
        const sorted = places.map((_, volume) => volume).sort((a, b) => places[a].x - places[b].x || a - b);
        const at = nearest === void 0 ? -1 : sorted.indexOf(nearest);
        nearest = sorted[(at + step + n) % n];
        spoken.textContent = linesOf(nearest).join(", ");
        store.set({
          hoverVolume: nearest
        });
      } else if (event.key === "Enter" && nearest !== void 0) pick(nearest, isAdding(event));
      else return;
      event.preventDefault();
    });
    const choose = (label, options, value, set) => {
      const select = h("select", {
        "aria-label": label,
        onchange: () => {
          set(Number(select.value));
          lay();
          draw();
        }
      }, ...options.map(([value2, text]) => h("option", {
        value: value2
      }, text)));
      select.value = String(value());
      return select;
    };
    const axes = () => Array.from(components[of]?.shares ?? [], (_, component) => [
      component,
      `PC${component + 1}`
    ]);
    const axisX = h("span", {}), axisY = h("span", {});
    const chooseAxes = () => {
      const last = (components[of]?.shares.length ?? 1) - 1;
      across = Math.min(across, last);
      up = Math.min(up, last);
      axisX.replaceChildren(choose("Component across", axes(), () => across, (value) => across = value));
      axisY.replaceChildren(choose("Component up", axes(), () => up, (value) => up = value));
    };
    chooseAxes();
    const kind = components.length < 2 ? void 0 : choose("Components of", components.map(({ of: of2 }, i) => [
      i,
      of2 === "regions" ? "of blocks" : "of voxels"
    ]), () => of, (value) => {
      of = value;
      chooseAxes();
    });
    const colour = choose("Coloured by", [
      [
        -1,
        "by cluster"
      ],
      ...blocks.map(({ name }, block) => [
        block,
        `by ${name}`
      ])
    ], () => colourBy, (value) => colourBy = value);
    const chips = groups.map(({ cluster, members }) => {
      const dot2 = h("span", {
        class: "dot",
        "aria-hidden": "true"
      });
      const chip = h("button", {
        type: "button",
        class: "chip",
        "data-cluster": cluster,
        "aria-label": `Cluster ${cluster}, ${counted(members.length, "volume")}`,
        onclick: (event) => store.select((now) => pickVolumes(now, members, `cluster ${cluster}`, isAdding(event)))
      }, dot2, h("b", {}, String(cluster)), h("span", {
        class: "muted"
      }, String(members.length)));
      return {
        chip,
        dot: dot2,
        cluster,
        members
      };
    });
    onWidth(holder, (width) => {
      side = width;
      height = Math.round(Math.min(460, Math.max(260, width * 0.78)));
      lay();
      draw();
    });
    store.listen((now, before) => {
      if (now.theme !== before?.theme) {
        for (const { dot: dot2, cluster } of chips) {
          dot2.style.background = clusterColour(cluster, now.theme);
        }
      }
      if (now.selection !== before?.selection) {
        for (const { chip, members } of chips) {
          const isIn = now.volumes !== null && members.every((volume) => now.volumes?.has(volume));
          chip.setAttribute("aria-pressed", String(isIn));
        }
      }
      const isSame = now.theme === before?.theme && now.selection === before.selection && now.hoverVolume === before.hoverVolume && now.volume === before.volume;
      if (!isSame) draw();
    });
    return figure("components", "Principal components", h("span", {}, "Each point is a volume, coloured and numbered by its cluster in the tree of volumes; open rings are junk volumes.", hint("Draw around points to select them, click one to see it in 3-D.")), h("div", {
      class: "toolbar"
    }, kind, axisX, h("span", {
      class: "muted"
    }, "\xD7"), axisY, colour, h("span", {
      class: "spacer"
    }), button("Save PNG", () => canvas.toBlob((blob) => blob === null ? void 0 : save("components.png", blob)))), holder, spoken, chips.length === 0 ? void 0 : h("div", {
      class: "clusters",
      role: "group",
      "aria-label": "Clusters"
    }, h("span", {
      class: "muted"
    }, "Clusters"), ...chips.map(({ chip }) => chip)));
  }
  function isInside({ x, y }, polygon) {
    let isIn = false;
    polygon.forEach((a, i) => {
      const b = polygon[(i + polygon.length - 1) % polygon.length];
      if (a.y > y !== b.y > y && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) isIn = !isIn;
    });
    return isIn;
  }

  // core/analysis/condense.ts
  function condense(edges) {
    const reach = edges.map((_, node) => reachable(edges, node));
    const groups = [];
    const groupOf = [];
    for (let node = 0; node < edges.length; node++) {
      if (groupOf[node] !== void 0) continue;
      const group = edges.map((_, other) => other).filter((other) => other === node || reach[node].has(other) && reach[other].has(node));
      for (const member of group) groupOf[member] = groups.length;
      groups.push(group);
    }
    const first = (group) => groups[group][0];
    const reaches = (from, to) => from !== to && reach[first(from)].has(first(to));
    const isDirect = (from, to) => reaches(from, to) && !groups.some((_, by) => reaches(from, by) && reaches(by, to));
    return {
      groups,
      groupOf,
      reaches,
      isDirect
    };
  }
  function reachable(edges, from) {
    const seen = /* @__PURE__ */ new Set();
    const stack = [
      ...edges[from]
    ];
    while (stack.length > 0) {
      const node = stack.pop();
      if (seen.has(node)) continue;
      seen.add(node);
      stack.push(...edges[node]);
    }
    return seen;
  }

  // page/layers.ts
  var SWEEPS = 12;
  var PASSAGE = 0.6;
  var COLUMNS = 6;
  function layOut(heights, edges) {
    const count2 = heights.length;
    const layer = layersOf(count2, edges);
    const height = [
      ...heights
    ];
    const before = heights.map(() => []), after = heights.map(() => []);
    const depth = Math.max(0, ...layer) + 1;
    const rows = Array.from({
      length: depth
    }, () => []);
    const isConnected = new Set(edges.flatMap(({ from, to }) => [
      from,
      to
    ]));
    for (const node of heights.keys()) if (isConnected.has(node)) rows[layer[node]].push(node);
    const paths = edges.map(({ from, to }) => {
      const path = [
        from
      ];
      for (let at = layer[from] + 1; at < layer[to]; at++) {
        path.push(layer.length);
        rows[at].push(layer.length);
        layer.push(at);
        height.push(PASSAGE);
        before.push([]);
        after.push([]);
      }
      path.push(to);
      path.slice(1).forEach((node, i) => {
        before[node].push(path[i]);
        after[path[i]].push(node);
      });
      return path;
    });
    const middle = new Array(layer.length).fill(0);
    const heightOf = (row) => row.reduce((sum, node) => sum + height[node], 0);
    const spread = (row) => {
      let top2 = -heightOf(row) / 2;
      for (const node of row) {
        middle[node] = top2 + height[node] / 2;
        top2 += height[node];
      }
    };
    rows.forEach(spread);
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      const isForward = sweep % 2 === 0;
      const near = isForward ? before : after;
      for (const row of isForward ? rows : rows.toReversed()) {
        const centre = new Map(row.map((node) => {
          const others = near[node];
          const sum = others.reduce((sum2, other) => sum2 + middle[other], 0);
          return [
            node,
            others.length === 0 ? middle[node] : sum / others.length
          ];
        }));
        row.sort((a, b) => centre.get(a) - centre.get(b) || middle[a] - middle[b] || a - b);
        spread(row);
      }
    }
    const used = Math.max(0, ...rows.map(heightOf));
    const lone = [
      ...heights.keys()
    ].filter((node) => !isConnected.has(node));
    const columns = Math.max(depth, Math.min(COLUMNS, lone.length));
    let top = used === 0 ? 0 : used + PASSAGE;
    const loneSpots = /* @__PURE__ */ new Map();
    for (let i = 0; i < lone.length; i += columns) {
      const row = lone.slice(i, i + columns);
      const most = Math.max(...row.map((node) => height[node]));
      row.forEach((node, layer2) => loneSpots.set(node, {
        layer: layer2,
        middle: top + height[node] / 2
      }));
      top += most;
    }
    const spotOf = (node) => loneSpots.get(node) ?? {
      layer: layer[node],
      middle: middle[node] + used / 2
    };
    return {
      nodes: Array.from(heights.keys(), spotOf),
      routes: paths.map((path) => path.map(spotOf)),
      layers: Math.max(isConnected.size === 0 ? 0 : depth, Math.min(columns, lone.length)),
      height: lone.length === 0 ? used : top
    };
  }
  function layersOf(count2, edges) {
    const layer = new Array(count2).fill(0);
    for (let round = 0, isMoved = true; isMoved && round < count2; round++) {
      isMoved = false;
      for (const { from, to } of edges) {
        if (layer[to] > layer[from]) continue;
        layer[to] = layer[from] + 1;
        isMoved = true;
      }
    }
    return layer;
  }

  // page/panels/dependencies.ts
  var ROW = 44;
  var NODE_WIDTH = 72;
  var NODE_HEIGHT = 28;
  var MARGIN2 = 10;
  var COLUMN = {
    least: 112,
    most: 172
  };
  var MOST_LINES = 4;
  var MOST_EXCLUSIONS = 24;
  function dependencyGraph(store) {
    const { report } = store;
    const { blocks, dependencies } = report;
    const k = blocks.length;
    const exclusions = report.pairs.filter(({ exclusive }) => exclusive === 1);
    const holder = h("div", {
      class: "scroll graph",
      tabindex: "-1"
    });
    let showAll = false, showExclusions = exclusions.length <= MOST_EXCLUSIONS;
    let nodes = [];
    let lines = [];
    const { groups, groupOf, isDirect, reaches } = condense(blocks.map((_, block) => dependencies.filter(({ region }) => region === block).map(({ needs }) => needs)));
    const edgesOf = (isEdge) => groups.flatMap((_, to) => groups.flatMap((_2, from) => isEdge(to, from) ? [
      {
        from,
        to
      }
    ] : []));
    const direct = edgesOf(isDirect), all = edgesOf(reaches);
    const namesOf = (group) => groups[group].map((block) => blocks[block].name).join(" = ");
    const draw = () => {
      const edges = showAll ? all : direct;
      const plan = layOut(groups.map(({ length }) => length), edges);
      const steps = Math.max(0, plan.layers - 1);
      const room = (holder.clientWidth - 2 * MARGIN2 - NODE_WIDTH) / Math.max(1, steps);
      const column = Math.min(COLUMN.most, Math.max(COLUMN.least, Math.floor(room)));
      const x = (layer) => MARGIN2 + layer * column;
      const width = 2 * MARGIN2 + steps * column + NODE_WIDTH;
      const height = 2 * MARGIN2 + plan.height * ROW;
      const spot = (block) => {
        const group = groups[groupOf[block]];
        const { layer, middle } = plan.nodes[groupOf[block]];
        const place = middle - group.length / 2 + group.indexOf(block) + 0.5;
        return {
          x: x(layer),
          y: MARGIN2 + place * ROW
        };
      };
      lines = [];
      const frames = groups.flatMap((group, node) => {
        if (group.length < 2) return [];
        const { layer, middle } = plan.nodes[node];
        return [
          s("rect", {
            x: x(layer) - 5,
            y: MARGIN2 + (middle - group.length / 2) * ROW + 2,
            width: NODE_WIDTH + 10,
            height: group.length * ROW - 4,
            rx: 8,
            class: "together"
          }, s("title", {}, `${namesOf(node)}: each is never seen without the others`))
        ];
      });
      const arcs = edges.map(({ from, to }, i) => {
        const path = curve(plan.routes[i].map(({ layer, middle }, at, route) => {
          const isEnd = at === 0 || at === route.length - 1;
          const node = at === 0 ? from : to;
          const pad = isEnd && groups[node].length > 1 ? 5 : 0;
          return {
            left: x(layer) - pad,
            right: x(layer) + (isEnd ? NODE_WIDTH + pad : NODE_WIDTH / 2),
            y: MARGIN2 + middle * ROW
          };
        }));
        const between2 = dependencies.filter(({ region, needs }) => groupOf[region] === to && groupOf[needs] === from);
        const text = [
          `${namesOf(to)} ${groups[to].length > 1 ? "need" : "needs"} ${namesOf(from)}`,
          ...between2.slice(0, MOST_LINES).map(({ region, needs, volumes, exceptions, q }) => `${blocks[region].name} without ${blocks[needs].name} in ${exceptions} of ${counted(volumes, "volume")}, q ${significance(q)}`),
          ...isDirect(to, from) ? [] : [
            "follows from others"
          ]
        ];
        const ends = [
          ...groups[from],
          ...groups[to]
        ];
        const element2 = s("path", {
          d: path,
          class: isDirect(to, from) ? "edge" : "edge indirect",
          "marker-end": "url(#arrow)",
          onpointermove: (event) => showTooltip(event, text),
          onpointerleave: hideTooltip,
          onclick: () => store.select((now) => pickBlocks(now, ends, false))
        });
        lines.push({
          element: element2,
          ends
        });
        return element2;
      });
      const bars = (showExclusions ? exclusions : []).map(({ a, b, both, qApart }) => {
        const [from, to] = [
          spot(a),
          spot(b)
        ];
        const element2 = s("path", {
          d: chord(from.x, from.y, to.x, to.y),
          class: "exclusion",
          onpointermove: (event) => showTooltip(event, [
            `${blocks[a].name} and ${blocks[b].name} exclude each other`,
            both === 0 ? "never together" : `together in ${counted(both, "volume")}`,
            `q ${significance(qApart)}`
          ]),
          onpointerleave: hideTooltip,
          onclick: () => store.select((now) => pickBlocks(now, [
            a,
            b
          ], false))
        });
        lines.push({
          element: element2,
          ends: [
            a,
            b
          ]
        });
        return element2;
      });
      nodes = blocks.map(({ name, colour }, block) => {
        const { x: x2, y } = spot(block);
        const share = report.sound === 0 ? 0 : report.present[block] / report.sound;
        const needs = dependencies.filter(({ region, direct: direct2 }) => direct2 && region === block).map(({ needs: needs2 }) => blocks[needs2].name);
        return s("g", {
          class: "node",
          transform: `translate(${x2} ${y - NODE_HEIGHT / 2})`,
          tabindex: "0",
          role: "button",
          "data-block": name,
          "aria-label": `${name}, in ${percent(share)} of the volumes${needs.length === 0 ? "" : `, needs ${needs.join(", ")}`}`,
          onclick: (event) => {
            store.select((now) => toggleBlock(now, block, isAdding(event)));
          },
          onkeydown: (event) => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            store.select((now) => toggleBlock(now, block, isAdding(event)));
          },
          onpointerenter: () => store.set({
            hoverBlock: block
          }),
          onpointermove: (event) => showTooltip(event, [
            name,
            `present in ${percent(share)} of the volumes`,
            needs.length === 0 ? "needs no other" : `needs ${needs.join(", ")}`
          ]),
          onpointerleave: () => {
            hideTooltip();
            store.set({
              hoverBlock: null
            });
          }
        }, s("rect", {
          width: NODE_WIDTH,
          height: NODE_HEIGHT,
          rx: 5,
          class: "box"
        }), s("rect", {
          x: 0,
          y: 0,
          width: 7,
          height: NODE_HEIGHT,
          rx: 3,
          fill: colour
        }), s("rect", {
          x: 12,
          y: NODE_HEIGHT - 6,
          width: NODE_WIDTH - 18,
          height: 2.5,
          class: "track"
        }), s("rect", {
          x: 12,
          y: NODE_HEIGHT - 6,
          width: share * (NODE_WIDTH - 18),
          height: 2.5,
          class: "share"
        }), s("text", {
          x: 12,
          y: NODE_HEIGHT / 2 + 2
        }, shorten(name)));
      });
      holder.replaceChildren(s("svg", {
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        role: "group",
        "aria-label": "Graph of dependencies"
      }, s("defs", {}, s("marker", {
        id: "arrow",
        viewBox: "0 0 8 8",
        refX: 7,
        refY: 4,
        markerUnits: "userSpaceOnUse",
        markerWidth: 9,
        markerHeight: 9,
        orient: "auto"
      }, s("path", {
        d: "M0 0.8 L7.5 4 L0 7.2 Z",
        class: "tip"
      }))), ...frames, ...bars, ...arcs, ...nodes));
      update();
    };
    const update = () => {
      const { selection, hoverBlock } = store.get();
      const isMeant = (block) => selection.blocks.has(block) || hoverBlock === block;
      nodes.forEach((node, block) => {
        node.setAttribute("aria-pressed", String(selection.blocks.has(block)));
        mark(node, "data-hover", hoverBlock === block);
      });
      for (const { element: element2, ends } of lines) mark(element2, "data-near", ends.some(isMeant));
    };
    const option = (text, isOn, set) => {
      const input = h("input", {
        type: "checkbox",
        checked: isOn,
        onchange: () => {
          set(input.checked);
          draw();
        }
      });
      return h("label", {}, input, text);
    };
    const indirect = all.length - direct.length;
    onWidth(holder, draw);
    store.listen((now, before) => {
      if (now.selection !== before?.selection || now.hoverBlock !== before.hoverBlock) update();
    });
    return figure("order", "Assembly order", h("span", {}, dependencies.length === 0 ? "No block was found to need another. " : "An arrow leads from a block to one that is never, or hardly ever, seen without it. ", groups.length === k ? "" : "Blocks in one frame need each other. ", exclusions.length === 0 ? "" : "Dashed lines join blocks that exclude each other. ", "The bar in a node is the share of volumes that have the block."), h("div", {
      class: "toolbar"
    }, indirect === 0 ? void 0 : option(`${counted(indirect, "dependency", "dependencies")} that follow from others`, false, (value) => {
      showAll = value;
    }), exclusions.length === 0 ? void 0 : option(counted(exclusions.length, "exclusion"), showExclusions, (value) => showExclusions = value), h("span", {
      class: "spacer"
    }), button("Save SVG", () => {
      const svg = holder.querySelector("svg");
      if (svg !== null) save("dependencies.svg", standAlone(svg), "image/svg+xml");
    })), holder);
  }
  function shorten(name) {
    return name.length > 8 ? `${name.slice(0, 7)}\u2026` : name;
  }
  function curve(places) {
    const [start, ...rest] = places;
    let path = `M${start.right} ${start.y}`, x = start.right, y = start.y;
    rest.forEach((place, i) => {
      const end = i === rest.length - 1 ? place.left - 1 : place.left;
      const middle = (x + end) / 2;
      path += ` C${middle} ${y} ${middle} ${place.y} ${end} ${place.y}`;
      x = end;
      y = place.y;
      if (i < rest.length - 1) {
        path += ` L${place.right} ${place.y}`;
        x = place.right;
      }
    });
    return path;
  }
  function chord(x1, y1, x2, y2) {
    const [ax, bx] = [
      x1 + NODE_WIDTH / 2,
      x2 + NODE_WIDTH / 2
    ];
    const [mx, my] = [
      (ax + bx) / 2,
      (y1 + y2) / 2
    ];
    const bend = 0.18;
    return `M${ax} ${y1} Q${mx + bend * (y2 - y1)} ${my - bend * (bx - ax)} ${bx} ${y2}`;
  }
  function standAlone(svg) {
    const copy2 = svg.cloneNode(true);
    const styled = [
      "fill",
      "stroke",
      "stroke-width",
      "stroke-dasharray",
      "font-family",
      "font-size"
    ];
    const originals = svg.querySelectorAll("*");
    copy2.querySelectorAll("*").forEach((element2, i) => {
      const style = getComputedStyle(originals[i]);
      for (const name of styled) element2.setAttribute(name, style.getPropertyValue(name));
      for (const name of [
        "tabindex",
        "role",
        "class"
      ]) element2.removeAttribute(name);
    });
    return new XMLSerializer().serializeToString(copy2);
  }

  // page/panels/dock.ts
  var LONGEST = 400;
  var PRAISE = 1600;
  function dock(store, folder) {
    const { report } = store;
    const amount = h("p", {
      class: "amount",
      role: "status",
      "aria-live": "polite"
    });
    const chips = h("div", {
      class: "conditions"
    });
    const command = h("code", {
      id: "command"
    });
    const list = () => Array.from(volumesOf(report, store.get().selection) ?? [], (volume) => report.volumes[volume].file);
    const text = () => list().map((name) => `${name}
`).join("");
    const now = () => commandsOf(report, store.get().selection, folder);
    const particles = copyButton("Copy for particles", () => now().particles);
    const element2 = h("section", {
      class: "dock",
      "aria-label": "Selection"
    }, h("div", {
      class: "dock-head"
    }, amount, chips), h("div", {
      class: "dock-command"
    }, command, copyButton("Copy command", () => now().volumes ?? now().particles), particles, copyButton("Copy list", text), button("Save list", () => save("volumes.txt", text(), "text/plain")), button("Clear", () => store.set({
      selection: NOTHING,
      volume: null
    }), {
      title: "Escape does the same"
    })));
    const chip = (text2, label, isPressed, flip, drop) => h("span", {
      class: "condition"
    }, button(text2, flip, {
      "aria-label": label,
      ...isPressed === void 0 ? {
        disabled: true
      } : {}
    }), button("\xD7", drop, {
      "aria-label": `Leave out: ${text2}`
    }));
    const change = (edit) => store.select((now2) => {
      const blocks = new Map(now2.blocks);
      edit(blocks);
      const changed = {
        ...now2,
        blocks
      };
      return isNothing(changed) ? NOTHING : changed;
    });
    store.listen(({ selection, volumes }, before) => {
      if (selection === before?.selection) return;
      mark(element2, "data-open", volumes !== null);
      element2.toggleAttribute("inert", volumes === null);
      if (volumes === null) {
        amount.textContent = "";
        return;
      }
      amount.textContent = `${count(volumes.size)} of ${count(report.volumes.length)} volumes`;
      const conditions = Array.from(selection.blocks, ([block, wish]) => {
        const { name, colour } = report.blocks[block];
        const other = wish === "present" ? "absent" : "present";
        const made = chip(`${name} ${wish}`, `${name} is to be ${wish}: make it ${other}`, wish === "present", () => change((blocks) => blocks.set(block, other)), () => change((blocks) => blocks.delete(block)));
        made.style.setProperty("--block", colour);
        made.dataset.wish = wish;
        return made;
      });
      if (selection.volumes !== null) {
        conditions.push(chip(selection.source, selection.source, void 0, () => {
        }, () => store.select((now2) => {
          const changed = {
            ...now2,
            volumes: null,
            source: ""
          };
          return isNothing(changed) ? NOTHING : changed;
        })));
      }
      chips.replaceChildren(...conditions);
      const commands = commandsOf(report, selection, folder);
      particles.hidden = commands.volumes === void 0;
      const shown = commands.volumes ?? commands.particles;
      command.textContent = shown.length > LONGEST ? `${shown.slice(0, LONGEST)} \u2026` : shown;
    });
    return element2;
  }
  function copyButton(text, content) {
    const made = button(text, async () => {
      made.textContent = await copy(content()) ? "Copied" : "Not allowed here";
      setTimeout(() => made.textContent = text, PRAISE);
    });
    return made;
  }

  // page/panels/histograms.ts
  var BINS = 20;
  var WIDTH = 150;
  var HEIGHT = 46;
  var FIRST = 36;
  var VOLUME_BINS = 40;
  var VOLUME_WIDTH = 640;
  var VOLUME_HEIGHT = 96;
  function histograms(store) {
    const { report } = store;
    const { blocks, values, cutoffs, volumes } = report;
    const k = blocks.length, n = volumes.length;
    const make = (place) => {
      const block = blocks[place];
      const all = new Array(BINS).fill(0);
      for (let volume = 0; volume < n; volume++) all[binOf(values[volume * k + place], BINS)]++;
      const most = Math.max(1, ...all);
      const bars = bins(all, most, WIDTH, HEIGHT, "all");
      const chosen = s("g", {
        class: "chosen"
      });
      const cutoff = cutoffs[place] * WIDTH;
      const svg = s("svg", {
        viewBox: `0 0 ${WIDTH} ${HEIGHT + 1}`,
        "aria-hidden": "true"
      }, s("line", {
        x1: 0,
        x2: WIDTH,
        y1: HEIGHT + 0.5,
        y2: HEIGHT + 0.5,
        class: "axis"
      }), bars, chosen, s("line", {
        x1: cutoff,
        x2: cutoff,
        y1: 0,
        y2: HEIGHT,
        class: "cutoff"
      }));
      svg.style.setProperty("--block", block.colour);
      const element2 = h("button", {
        type: "button",
        class: "histogram",
        "data-block": block.name,
        "aria-label": `${block.name}: present in ${counted(report.present[place], "volume")} of ${report.sound}, where its occupancy is at least ${shortNumber(cutoffs[place])}`,
        onclick: (event) => {
          store.select((now) => toggleBlock(now, place, isAdding(event)));
        },
        onpointerenter: () => store.set({
          hoverBlock: place
        }),
        onpointerleave: () => store.set({
          hoverBlock: null
        })
      }, h("span", {
        class: "histogram-title"
      }, h("b", {}, block.name), h("span", {}, report.sound === 0 ? "" : percent(report.present[place] / report.sound))), svg);
      const update2 = (chosenVolumes) => {
        const counts = new Array(BINS).fill(0);
        for (const volume of chosenVolumes ?? []) counts[binOf(values[volume * k + place], BINS)]++;
        chosen.replaceChildren(...chosenVolumes === null ? [] : [
          bins(counts, most, WIDTH, HEIGHT, "part")
        ]);
        mark(element2, "data-selecting", chosenVolumes !== null);
      };
      return {
        element: element2,
        update: update2
      };
    };
    const small = Array.from({
      length: Math.min(k, FIRST)
    }, (_, place) => make(place));
    const grid = h("div", {
      class: "histograms"
    }, ...small.map(({ element: element2 }) => element2));
    const update = ({ selection, volumes: volumes2 }, from = 0) => small.slice(from).forEach(({ element: element2, update: update2 }, i) => {
      update2(volumes2);
      element2.setAttribute("aria-pressed", String(selection.blocks.has(from + i)));
    });
    if (k > FIRST) {
      const more = button(`Show all ${k} blocks`, () => {
        for (let place = FIRST; place < k; place++) small.push(make(place));
        more.replaceWith(...small.slice(FIRST).map(({ element: element2 }) => element2));
        update(store.get(), FIRST);
      });
      grid.append(more);
    }
    const fullness = volumeHistogram(store);
    store.listen((now, before) => {
      if (now.selection !== before?.selection) {
        update(now);
        fullness.update(now.volumes);
      }
      if (now.hoverBlock !== before?.hoverBlock) {
        small.forEach(({ element: element2 }, place) => mark(element2, "data-hover", place === now.hoverBlock));
      }
    });
    return figure("histograms", "Distributions", h("span", {}, "How many volumes have which occupancy, 0 to 1, of each block; from the dashed line on the block counts as present. ", "Below, how many voxels of the union the volumes occupy; triangles mark junk volumes. ", "Solid bars are the selected volumes."), grid, fullness.element);
  }
  function volumeHistogram({ report }) {
    const occupied = report.volumes.map(({ occupied: occupied2 }) => occupied2 ?? 0);
    const low = Math.min(...occupied), high = Math.max(...occupied);
    const span = Math.max(1, high - low);
    const share = (volume) => (occupied[volume] - low) / span;
    const all = new Array(VOLUME_BINS).fill(0);
    occupied.forEach((_, volume) => all[binOf(share(volume), VOLUME_BINS)]++);
    const most = Math.max(1, ...all);
    const chosen = s("g", {
      class: "chosen"
    });
    const svg = s("svg", {
      viewBox: `0 0 ${VOLUME_WIDTH} ${VOLUME_HEIGHT + 12}`,
      role: "img",
      "aria-label": occupied.length === 0 ? "No volumes" : `Occupied voxels: ${count(low)} to ${count(high)}`
    }, s("line", {
      x1: 0,
      x2: VOLUME_WIDTH,
      y1: VOLUME_HEIGHT + 0.5,
      y2: VOLUME_HEIGHT + 0.5,
      class: "axis"
    }), bins(all, most, VOLUME_WIDTH, VOLUME_HEIGHT, "all"), chosen, ...report.junk.map(({ volume, reason }) => {
      const x = share(volume) * VOLUME_WIDTH;
      return s("path", {
        d: `M${x} ${VOLUME_HEIGHT + 2} l4 8 h-8 Z`,
        class: "junk"
      }, s("title", {}, `${report.volumes[volume].file}: ${reason}`));
    }));
    const element2 = h("div", {
      class: "fullness"
    }, h("h3", {}, "Occupied voxels of the volumes"), svg, h("div", {
      class: "ends",
      "aria-hidden": "true"
    }, h("span", {}, occupied.length === 0 ? "" : count(low)), h("span", {}, occupied.length === 0 ? "" : count(high))));
    const update = (volumes) => {
      const counts = new Array(VOLUME_BINS).fill(0);
      for (const volume of volumes ?? []) counts[binOf(share(volume), VOLUME_BINS)]++;
      chosen.replaceChildren(...volumes === null ? [] : [
        bins(counts, most, VOLUME_WIDTH, VOLUME_HEIGHT, "part")
      ]);
      mark(element2, "data-selecting", volumes !== null);
    };
    return {
      element: element2,
      update
    };
  }
  function binOf(share, bins2) {
    return Math.min(bins2 - 1, Math.max(0, Math.floor(share * bins2)));
  }
  function bins(counts, most, width, height, name) {
    const step = width / counts.length;
    return s("g", {
      class: name
    }, ...counts.flatMap((count2, i) => {
      if (count2 === 0) return [];
      const tall = Math.max(1.5, count2 / most * height);
      return [
        s("rect", {
          x: i * step + 0.5,
          y: height - tall,
          width: step - 1,
          height: tall
        })
      ];
    }));
  }

  // core/report/colours.ts
  var LEVELS = Array.from({
    length: 17
  }, (_, i) => Math.min(255, 16 * i));
  function parseHex(hex) {
    const value = parseInt(hex.slice(1), 16);
    return [
      value >> 16,
      value >> 8 & 255,
      value & 255
    ];
  }

  // page/panels/pairs.ts
  var NAMES = 44;
  var WIDEST_CELL2 = 50;
  var MOST_NAMES = 60;
  var LEAST_FOR_NAME = 24;
  var SMALL_CELL = 9;
  var LEVEL = 0.05;
  function pairMatrix(store) {
    const { report } = store;
    const { blocks } = report;
    const { order } = report.blockTree;
    const k = blocks.length;
    const base = h("canvas", {
      "aria-hidden": "true"
    });
    const canvas = h("canvas", {
      tabindex: "0",
      role: "application",
      "aria-roledescription": "matrix",
      "aria-label": `Pairs of ${k} blocks. Arrow keys move, Enter selects the pair.`,
      "aria-describedby": "pair-cursor"
    });
    const spoken = h("p", {
      id: "pair-cursor",
      class: "offscreen",
      "aria-live": "polite"
    });
    const holder = h("div", {
      class: "layers"
    }, base, canvas);
    const left = k > MOST_NAMES ? 0 : NAMES, top = k > MOST_NAMES ? 0 : 18;
    let width = 0, cell = 0;
    let cursor;
    const begin = (canvas2) => sizeCanvas(canvas2, left + cell * k + 1, top + cell * k + 1);
    const drawBase = () => {
      if (width === 0 || k === 0) return;
      cell = Math.min(WIDEST_CELL2, (width - left) / k);
      const context = begin(base);
      const colour = phiScale(store.get().theme);
      if (left > 0) {
        context.font = `${Math.min(12, Math.max(7, cell - 2))}px system-ui, sans-serif`;
        context.textBaseline = "middle";
        context.fillStyle = pageColour("ink");
        order.forEach((block, at2) => {
          const { name } = blocks[block];
          context.textAlign = "right";
          context.fillText(name, left - 5, top + (at2 + 0.5) * cell, left - 6);
          if (cell < LEAST_FOR_NAME) return;
          context.textAlign = "center";
          context.fillText(name, left + (at2 + 0.5) * cell, 8, cell);
        });
      }
      if (cell < SMALL_CELL) return drawSmall(context);
      for (let row = 0; row < k; row++) {
        for (let column = 0; column < k; column++) {
          const a = order[row], b = order[column];
          const x = left + column * cell, y = top + row * cell;
          const pair = report.pairOf(a, b);
          context.fillStyle = pair === void 0 ? blocks[a].colour : css(colour(pair.phi));
          context.fillRect(x + 0.75, y + 0.75, cell - 1.5, cell - 1.5);
          if (pair === void 0) continue;
          context.fillStyle = context.strokeStyle = pageColour(Math.abs(pair.phi) > 0.55 ? "paper" : "ink");
          drawMark(context, pair, x + cell / 2, y + cell / 2, cell);
        }
      }
    };
    const drawSmall = (context) => {
      const colour = phiScale(store.get().theme);
      const image = new ImageData(k, k);
      order.forEach((a, row) => order.forEach((b, column) => {
        const pair = report.pairOf(a, b);
        const rgb = pair === void 0 ? parseHex(blocks[a].colour) : colour(pair.phi);
        image.data.set([
          ...rgb,
          255
        ], 4 * (row * k + column));
      }));
      const picture = new OffscreenCanvas(k, k);
      picture.getContext("2d")?.putImageData(image, 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(picture, left, top, k * cell, k * cell);
    };
    const drawOver = perFrame(() => {
      if (width === 0 || k === 0) return;
      const { selection, hoverBlock } = store.get();
      const context = begin(canvas);
      context.strokeStyle = pageColour("accent");
      const meant = new Set(selection.blocks.keys());
      if (hoverBlock !== null) meant.add(hoverBlock);
      for (const block of meant) {
        const at2 = report.blockTree.placeOf[block];
        context.lineWidth = selection.blocks.has(block) ? 2 : 1;
        context.strokeRect(left, top + at2 * cell, cell * k, cell);
        context.strokeRect(left + at2 * cell, top, cell, cell * k);
      }
      if (cursor !== void 0 && document.activeElement === canvas) {
        context.strokeStyle = pageColour("ink");
        context.lineWidth = 2;
        context.strokeRect(left + cursor.column * cell, top + cursor.row * cell, cell, cell);
      }
    });
    const draw = perFrame(() => {
      drawBase();
      drawOver();
    });
    const at = (event) => {
      const { x, y } = placeIn(canvas, event);
      const column = Math.floor((x - left) / cell), row = Math.floor((y - top) / cell);
      if (row >= k || column >= k || row < 0 && column < 0) return void 0;
      return {
        row,
        column
      };
    };
    const linesOf = (row, column) => {
      const a = order[Math.max(row, 0)], b = order[Math.max(column, 0)];
      if (row < 0 && b !== void 0) return [
        blocks[b].name
      ];
      if (column < 0 && a !== void 0) return [
        blocks[a].name
      ];
      if (a === void 0 || b === void 0) return [];
      const pair = report.pairOf(a, b);
      if (pair === void 0) return [
        blocks[a].name
      ];
      const [one, other] = [
        blocks[pair.a].name,
        blocks[pair.b].name
      ];
      const apart = pair.qApart < pair.qTogether;
      return [
        `${one} and ${other}${pair.exclusive === 1 ? " exclude each other" : ""}`,
        `both in ${pair.both} volumes, by chance ${pair.expected.toFixed(1)}`,
        `${one} alone ${pair.onlyA}, ${other} alone ${pair.onlyB}, neither ${pair.neither}`,
        `phi ${pair.phi.toFixed(2)}, ${apart ? "apart" : "together"} with q ${significance(apart ? pair.qApart : pair.qTogether)}`
      ];
    };
    const act = (row, column, adding) => {
      const picked = [
        order[row],
        order[column]
      ].filter((block) => block !== void 0);
      store.select((now) => pickBlocks(now, [
        ...new Set(picked)
      ], adding));
    };
    canvas.addEventListener("pointermove", (event) => {
      const place = at(event);
      if (place === void 0) return hideTooltip();
      showTooltip(event, linesOf(place.row, place.column));
      store.set({
        hoverBlock: order[place.row] ?? order[place.column] ?? null
      });
    });
    canvas.addEventListener("pointerleave", () => {
      hideTooltip();
      store.set({
        hoverBlock: null
      });
    });
    canvas.addEventListener("click", (event) => {
      const place = at(event);
      if (place !== void 0) act(place.row, place.column, isAdding(event));
    });
    canvas.addEventListener("keydown", (event) => {
      const moves = {
        ArrowUp: [
          -1,
          0
        ],
        ArrowDown: [
          1,
          0
        ],
        ArrowLeft: [
          0,
          -1
        ],
        ArrowRight: [
          0,
          1
        ]
      };
      const move = moves[event.key];
      const clamp = (value) => Math.min(k - 1, Math.max(0, value));
      if (move !== void 0 && k > 0) {
        cursor = cursor === void 0 ? {
          row: 0,
          column: 0
        } : {
          row: clamp(cursor.row + move[0]),
          column: clamp(cursor.column + move[1])
        };
        spoken.textContent = linesOf(cursor.row, cursor.column).join(", ");
      } else if (event.key === "Enter" && cursor !== void 0) {
        act(cursor.row, cursor.column, isAdding(event));
      } else return;
      event.preventDefault();
      drawOver();
    });
    for (const name of [
      "focus",
      "blur"
    ]) canvas.addEventListener(name, drawOver);
    onWidth(holder, (now) => {
      width = now;
      draw();
    });
    store.listen((now, before) => {
      if (now.theme !== before?.theme) draw();
      else if (now.selection !== before.selection || now.hoverBlock !== before.hoverBlock) drawOver();
    });
    return figure("pairs", "Together and apart", h("span", {}, `Phi coefficient of each pair of blocks over the volumes. A dot marks pairs whose q is below ${LEVEL} (Fisher\u2019s exact test, Benjamini and Hochberg), a cross those that exclude each other. ` + (report.junk.length === 0 ? "" : "Junk volumes are left out of it."), hint("Click a pair to select both.")), h("div", {
      class: "toolbar"
    }, legend2(store)), holder, spoken);
  }
  function drawMark(context, { exclusive, qTogether, qApart }, x, y, cell) {
    context.beginPath();
    if (exclusive === 1) {
      const arm = Math.min(5, cell / 4);
      context.lineWidth = 1.6;
      context.moveTo(x - arm, y - arm);
      context.lineTo(x + arm, y + arm);
      context.moveTo(x + arm, y - arm);
      context.lineTo(x - arm, y + arm);
      context.stroke();
    } else if (Math.min(qTogether, qApart) < LEVEL) {
      context.arc(x, y, Math.min(2, cell / 8), 0, 2 * Math.PI);
      context.fill();
    }
  }
  function legend2(store) {
    const bar = h("canvas", {
      "aria-hidden": "true"
    });
    store.listen(({ theme: theme2 }, before) => {
      if (theme2 === before?.theme) return;
      const context = sizeCanvas(bar, 120, 10);
      const colour = phiScale(theme2);
      for (let x = 0; x < 120; x++) {
        context.fillStyle = css(colour(2 * x / 119 - 1));
        context.fillRect(x, 0, 1.5, 10);
      }
    });
    return h("span", {
      class: "legend",
      role: "img",
      "aria-label": "Colours from phi -1, never together, to 1, always"
    }, "\u22121 apart", bar, "together 1");
  }

  // page/panels/provenance.ts
  function junkVolumes(store) {
    const { junk, leftOut, volumes } = store.report;
    if (junk.length === 0 && leftOut.length === 0) return void 0;
    const all = junk.map(({ volume }) => volume);
    return figure("junk", "Volumes to look at twice", "Volumes that are unlike all others mostly are failed reconstructions. They are still in every figure; to be rid of them, leave them out of the folder of maps and run again.", junk.length === 0 ? void 0 : h("div", {
      class: "toolbar"
    }, button("Select them all", () => store.select((now) => pickVolumes(now, all, "junk volumes", false)))), h("div", {
      class: "scroll tall",
      tabindex: "-1"
    }, h("table", {}, h("thead", {}, h("tr", {}, ...[
      "Volume",
      "Kind",
      "Why"
    ].map((title) => h("th", {
      scope: "col"
    }, title)))), h("tbody", {}, ...junk.map(({ volume, kind, reason }) => h("tr", {}, h("th", {
      scope: "row"
    }, button(volumes[volume].file, () => {
      store.set({
        volume
      });
      store.select((now) => pickVolumes(now, [
        volume
      ], volumes[volume].file, false));
    }, {
      class: "link"
    })), h("td", {}, kind), h("td", {
      class: "words"
    }, reason))), ...leftOut.map(({ file, threshold }) => h("tr", {}, h("th", {
      scope: "row"
    }, file), h("td", {}, "left out"), h("td", {
      class: "words"
    }, `Its threshold (${shortNumber(threshold)}) is far from the others, or it is empty.`)))))));
  }
  function provenance({ report }) {
    const { options, hashes, volumes, leftOut, siren, deno } = report;
    const groups = [
      {
        title: "Program",
        rows: [
          [
            "siren",
            siren
          ],
          [
            "Deno",
            deno
          ]
        ]
      },
      ...options
    ];
    return figure("provenance", "How this was made", "With the same maps, options and version, siren gives the same blocks and this same page, to the byte.", h("div", {
      class: "options"
    }, ...groups.map(({ title, rows }) => h("section", {}, h("h3", {}, title), h("dl", {}, ...rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))))))), details(`SHA-256 of ${count(hashes.length)} files of the run`, [
      "File",
      "SHA-256"
    ], hashes.map(([path, hash]) => [
      path,
      hash
    ])), details(`Maps: ${count(volumes.length + leftOut.length)}`, [
      "Map",
      "Bytes",
      "Threshold",
      "SHA-256"
    ], [
      ...volumes,
      ...leftOut
    ].map(({ file, bytes, threshold, sha256 }) => [
      file,
      count(bytes),
      shortNumber(threshold),
      sha256 ?? ""
    ])));
  }
  function details(title, columns, rows) {
    const body = h("tbody");
    const element2 = h("details", {
      class: "screen-only",
      ontoggle: () => {
        if (body.childElementCount > 0) return;
        body.append(...rows.map((cells) => {
          const [first, ...rest] = cells;
          return h("tr", {}, h("th", {
            scope: "row"
          }, first), ...rest.map((cell) => h("td", {
            class: "code"
          }, cell)));
        }));
      }
    }, h("summary", {}, title), h("div", {
      class: "scroll tall",
      tabindex: "-1"
    }, h("table", {}, h("thead", {}, h("tr", {}, ...columns.map((column) => h("th", {
      scope: "col"
    }, column)))), body)));
    return element2;
  }

  // page/panels/summary.ts
  function header(report, ...controls) {
    const { name, siren, grid } = report;
    return h("header", {
      class: "head"
    }, h("div", {
      class: "title"
    }, h("p", {
      class: "eyebrow"
    }, "Structural blocks of an ensemble"), h("h1", {}, name), h("p", {
      class: "facts"
    }, `Box of ${grid.box} voxels of ${shortNumber(grid.apix)} \u212B \xB7 siren ${siren}`)), h("div", {
      class: "controls"
    }, ...controls));
  }
  function summary(report) {
    const { blocks, volumes, leftOut, union, unassigned, junk, warnings } = report;
    const figures = [
      [
        count(blocks.length),
        blocks.length === 1 ? "block" : "blocks",
        blocks.length === 0 ? "none was found" : `${count(Math.min(...blocks.map(({ voxels }) => voxels)))} to ${counted(Math.max(...blocks.map(({ voxels }) => voxels)), "voxel")}`
      ],
      [
        count(volumes.length),
        volumes.length === 1 ? "volume" : "volumes",
        leftOut.length === 0 ? "none left out" : `${count(leftOut.length)} left out`
      ],
      [
        union === 0 ? "0 %" : percent(1 - unassigned / union),
        "of voxels in blocks",
        `${count(unassigned)} of ${count(union)} in none`
      ],
      [
        count(report.clusterCount),
        report.clusterCount === 1 ? "cluster" : "clusters",
        `of volumes, ${report.linkage === "ward" ? "Ward's" : "average"} linkage`
      ],
      [
        count(junk.length),
        junk.length === 1 ? "junk volume" : "junk volumes",
        junk.length === 0 ? "none is unlike all others" : "empty, over-full or unlike the others"
      ]
    ];
    return h("section", {
      id: "summary",
      "aria-label": "Summary"
    }, h("dl", {
      class: "key-figures"
    }, ...figures.map(([value, what, detail]) => h("div", {}, h("dt", {}, what), h("dd", {
      class: "value"
    }, value), h("dd", {
      class: "detail"
    }, detail)))), warnings.length === 0 ? void 0 : h("div", {
      class: "warnings",
      role: "note",
      "aria-label": "Warnings"
    }, h("h2", {}, warnings.length === 1 ? "To know first" : `${warnings.length} things to know first`), h("ul", {}, ...warnings.map(({ text, remedy }) => h("li", {}, text, remedy === void 0 ? void 0 : h("span", {}, ` ${remedy}`))))));
  }

  // page/csv.ts
  function tableFiles(report) {
    const { blocks, volumes, leftOut, values, presence, junk, volumeTree, blockTree } = report;
    const k = blocks.length;
    const matrix = (cells) => csv([
      "map_file",
      ...blocks.map(({ name }) => name)
    ], volumes.map(({ file }, volume) => [
      file,
      ...Array.from(blocks, (_, b) => cells[volume * k + b])
    ]));
    return [
      {
        name: "blocks.csv",
        about: "each block: size, place, cohesion",
        make: () => blockRows(report)
      },
      {
        name: "regions.csv",
        about: "each block: mean occupancy, cutoff, how many volumes have it",
        make: () => regionRows(report)
      },
      {
        name: "volumes.csv",
        about: "each volume: cluster, occupied voxels, components, junk",
        make: () => volumeRows(report)
      },
      {
        name: "occupancy.csv",
        about: "share of each block in each volume",
        make: () => matrix(values)
      },
      {
        name: "presence.csv",
        about: "1 where a block is present in a volume, 0 where not",
        make: () => matrix(presence)
      },
      {
        name: "block_pairs.csv",
        about: "each pair of blocks: counts, phi, tests",
        make: () => pairRows(report)
      },
      {
        name: "dependencies.csv",
        about: "which block needs which",
        make: () => dependencyRows(report)
      },
      {
        name: "volume_tree.csv",
        about: "tree of the volumes, as SciPy's linkage",
        make: () => treeRows(volumeTree)
      },
      {
        name: "block_tree.csv",
        about: "tree of the blocks, as SciPy's linkage",
        make: () => treeRows(blockTree)
      },
      {
        name: "junk.csv",
        about: "volumes unlike all others, and why",
        make: () => csv([
          "map_file",
          "kind",
          "reason"
        ], junk.map(({ volume, kind, reason }) => [
          volumes[volume].file,
          kind,
          reason
        ]))
      },
      {
        name: "maps.csv",
        about: "each map: threshold, size, SHA-256, whether it was kept",
        make: () => csv([
          "map_file",
          "threshold",
          "bytes",
          "sha256",
          "kept"
        ], [
          ...volumes,
          ...leftOut
        ].map(({ file, threshold, bytes, sha256, occupied }) => [
          file,
          threshold,
          bytes,
          sha256,
          occupied !== void 0
        ]))
      }
    ];
  }
  function blockRows({ blocks }) {
    return csv([
      "id",
      "voxels",
      "volume_A3",
      "x_A",
      "y_A",
      "z_A",
      "x_voxel",
      "y_voxel",
      "z_voxel",
      "mean_occupancy",
      "cohesion"
    ], blocks.map((block) => [
      block.id,
      block.voxels,
      block.volume.toFixed(1),
      ...[
        block.x,
        block.y,
        block.z,
        block.voxelX,
        block.voxelY,
        block.voxelZ
      ].map((value) => value.toFixed(3)),
      block.meanOccupancy.toFixed(5),
      block.cohesion.toFixed(5)
    ]));
  }
  function regionRows({ blocks, volumes, values, cutoffs, present, blockTree }) {
    const n = volumes.length, k = blocks.length;
    return csv([
      "region",
      "voxels",
      "mean_occupancy",
      "cutoff",
      "volumes",
      "place"
    ], blocks.map(({ name, voxels }, block) => {
      let sum = 0;
      for (let volume = 0; volume < n; volume++) sum += values[volume * k + block];
      return [
        name,
        voxels,
        rounded(sum / n),
        rounded(cutoffs[block]),
        present[block],
        blockTree.placeOf[block]
      ];
    }));
  }
  function volumeRows({ volumes, clusters, volumeTree, components, junk }) {
    const junkOf = new Map(junk.map((one) => [
      one.volume,
      one
    ]));
    const titles = components.flatMap(({ of, shares }) => shares.map((_, c) => `${of === "voxels" ? "voxel_" : ""}pc${c + 1}`));
    return csv([
      "map_file",
      "cluster",
      "place",
      "occupied_voxels",
      ...titles,
      "junk",
      "reason"
    ], volumes.map(({ file, occupied }, volume) => [
      file,
      clusters[volume],
      volumeTree.placeOf[volume],
      occupied,
      ...components.flatMap(({ shares, scores }) => shares.map((_, c) => rounded(scores[volume * shares.length + c]))),
      junkOf.get(volume)?.kind,
      junkOf.get(volume)?.reason
    ]));
  }
  function pairRows({ blocks, pairs }) {
    return csv([
      "region_a",
      "region_b",
      "both",
      "only_a",
      "only_b",
      "neither",
      "phi",
      "expected",
      "p_together",
      "q_together",
      "p_apart",
      "q_apart",
      "exclusive"
    ], pairs.map((pair) => [
      blocks[pair.a].name,
      blocks[pair.b].name,
      pair.both,
      pair.onlyA,
      pair.onlyB,
      pair.neither,
      ...[
        pair.phi,
        pair.expected,
        pair.pTogether,
        pair.qTogether,
        pair.pApart,
        pair.qApart
      ].map(rounded),
      pair.exclusive === 1
    ]));
  }
  function dependencyRows({ blocks, dependencies }) {
    return csv([
      "region",
      "needs",
      "volumes",
      "exceptions",
      "p",
      "q",
      "direct"
    ], dependencies.map(({ region, needs, volumes, exceptions, p, q, direct }) => [
      blocks[region].name,
      blocks[needs].name,
      volumes,
      exceptions,
      rounded(p),
      rounded(q),
      direct
    ]));
  }
  function treeRows({ branches, order }) {
    return csv([
      "a",
      "b",
      "height",
      "size"
    ], branches.slice(order.length).map(({ children, height, first, last }) => [
      ...children ?? [],
      height,
      last - first
    ]));
  }
  function rounded(value) {
    return Number(value.toPrecision(10));
  }
  function csv(header2, rows) {
    return [
      header2,
      ...rows
    ].map((cells) => `${cells.map(cellText).join(",")}
`).join("");
  }
  function cellText(cell) {
    if (cell === void 0 || Number.isNaN(cell)) return "";
    const text = String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  // page/panels/tables.ts
  function tables({ report }) {
    return figure("tables", "Tables", "Comma-separated values, made in this page from what it holds; full precision.", h("ul", {
      class: "files screen-only"
    }, ...tableFiles(report).map(({ name, about, make }) => h("li", {}, button(name, () => save(name, make()), {
      class: "file",
      "data-file": name
    }), h("span", {}, about)))));
  }

  // page/viewer/unpack.ts
  async function unpackScene(packed) {
    const { blocks, volumes } = packed;
    const shape = await unpackGrid(packed.shape);
    if (volumes === void 0) return {
      blocks,
      shape,
      volumes
    };
    const grid = volumes.grid === void 0 ? shape : await unpackGrid(volumes.grid);
    const bits = await inflate(volumes.data);
    expect(bits.length === grid.union.length * Math.ceil(volumes.count / 8));
    return {
      blocks,
      shape,
      volumes: {
        count: volumes.count,
        grid,
        bits
      }
    };
  }
  async function unpackGrid(packed) {
    const { box, apix, binning, voxels } = packed;
    const bytes = await inflate(packed.data);
    let at = 0;
    const takeAscending = (count2) => {
      const numbers = new Uint32Array(count2);
      for (let i = 0, before = -1; i < count2; i++) {
        let gap = 0, shift = 0;
        do
          gap |= (bytes[at] & 127) << shift, shift += 7;
        while (bytes[at++] >= 128);
        before = numbers[i] = before + 1 + gap;
      }
      return numbers;
    };
    const union = takeAscending(voxels);
    const consensus = bytes.slice(at, at += voxels);
    const members = packed.members.map(takeAscending);
    expect(at === bytes.length);
    return {
      box,
      apix,
      binning,
      union,
      consensus,
      members
    };
  }
  async function inflate(base64) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const stream = new Blob([
      bytes
    ]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  function expect(isWhole) {
    if (!isWhole) throw new TypeError("Cannot unpack the scene: its text is damaged");
  }
  function isOccupied({ count: count2, bits }, row, volume) {
    return (bits[row * Math.ceil(count2 / 8) + (volume >> 3)] >> (volume & 7) & 1) === 1;
  }
  function occupiedIn(volumes, volume) {
    const rows = [];
    for (let row = 0; row < volumes.grid.union.length; row++) {
      if (isOccupied(volumes, row, volume)) rows.push(row);
    }
    return rows;
  }

  // page/viewer/camera.ts
  var ALONG = {
    z: [
      1,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      1
    ],
    y: [
      1,
      0,
      0,
      0,
      0,
      1,
      0,
      -1,
      0
    ],
    x: [
      0,
      1,
      0,
      0,
      0,
      1,
      1,
      0,
      0
    ]
  };
  var HALF_ANGLE = 9 * Math.PI / 180;
  var MARGIN3 = 1.06;
  var MOST_ZOOM = 40;
  var LEAST_ZOOM = 0.2;
  function lookingAlong(axis) {
    return {
      axes: ALONG[axis],
      zoom: 1,
      right: 0,
      up: 0
    };
  }
  function turned(camera, right, down) {
    const c = Math.cos(right), s2 = Math.sin(right), d = Math.cos(down), t = Math.sin(down);
    const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = camera.axes;
    const x = [
      c * xx + s2 * zx,
      c * xy + s2 * zy,
      c * xz + s2 * zz
    ];
    const z = [
      c * zx - s2 * xx,
      c * zy - s2 * xy,
      c * zz - s2 * xz
    ];
    const up = [
      d * yx - t * z[0],
      d * yy - t * z[1],
      d * yz - t * z[2]
    ];
    return {
      ...camera,
      axes: upright(x, up)
    };
  }
  function upright(x, y) {
    const right = unit(x);
    const along = dot(right, y);
    const up = unit(y.map((value, i) => value - along * right[i]));
    return [
      ...right,
      ...up,
      ...cross(right, up)
    ];
  }
  function dot(a, b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  }
  function unit(v) {
    const length = Math.hypot(...v);
    return v.map((value) => value / length);
  }
  function cross(a, b) {
    return [
      a[1] * b[2] - a[2] * b[1],
      a[2] * b[0] - a[0] * b[2],
      a[0] * b[1] - a[1] * b[0]
    ];
  }
  function zoomed(camera, factor, right = 0, up = 0) {
    const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, camera.zoom * factor));
    const shrink = 1 - camera.zoom / zoom;
    return {
      ...camera,
      zoom,
      right: camera.right - right * shrink,
      up: camera.up - up * shrink
    };
  }
  function moved(camera, right, up) {
    return {
      ...camera,
      right: camera.right + right,
      up: camera.up + up
    };
  }
  function distanceTo({ radius, whole }) {
    return Math.max(MARGIN3 * radius / Math.sin(HALF_ANGLE), 1.1 * whole);
  }
  function viewMatrix({ axes, right, up }, ball) {
    const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = axes;
    const at = [
      0,
      3,
      6
    ].map((row) => -dot(axes.slice(row, row + 3), ball.middle));
    return Float32Array.of(xx, yx, zx, 0, xy, yy, zy, 0, xz, yz, zz, 0, at[0] + right, at[1] + up, at[2] - distanceTo(ball), 1);
  }
  function projectionMatrix(camera, ball, width, height) {
    const scale2 = camera.zoom / Math.tan(HALF_ANGLE), shorter = Math.min(width, height);
    const { near, far } = depthRange(ball);
    return Float32Array.of(scale2 * shorter / width, 0, 0, 0, 0, scale2 * shorter / height, 0, 0, 0, 0, (near + far) / (near - far), -1, 0, 0, 2 * near * far / (near - far), 0);
  }
  function depthRange(ball) {
    const distance = distanceTo(ball);
    return {
      near: distance - ball.whole * 1.02,
      far: distance + ball.whole * 1.02
    };
  }
  function pixelsPerAngstrom(camera, ball, width, height) {
    const scale2 = camera.zoom / Math.tan(HALF_ANGLE);
    return scale2 / distanceTo(ball) * Math.min(width, height) / 2;
  }
  function rayAt(camera, ball, x, y, width, height) {
    const { axes, zoom, right, up } = camera, [mx, my, mz] = ball.middle;
    const half = Math.min(width, height) / 2 * zoom / Math.tan(HALF_ANGLE);
    const toWorld = (u, v, w) => [
      0,
      1,
      2
    ].map((i) => u * axes[i] + v * axes[3 + i] + w * axes[6 + i]);
    const [ex, ey, ez] = toWorld(-right, -up, distanceTo(ball));
    const [ax, ay, az] = toWorld((x - width / 2) / half, (height / 2 - y) / half, -1);
    return {
      from: [
        mx + ex,
        my + ey,
        mz + ez
      ],
      along: [
        ax,
        ay,
        az
      ]
    };
  }

  // page/viewer/dust.ts
  function withoutDust(voxels, box, least, keepsLargest = false) {
    if (least <= 1) return voxels;
    const parent = new Map(Array.from(voxels, (voxel) => [
      voxel,
      voxel
    ]));
    const root2 = (voxel) => {
      let up = parent.get(voxel);
      while (up !== voxel) {
        parent.set(voxel, parent.get(up));
        voxel = up;
        up = parent.get(voxel);
      }
      return voxel;
    };
    for (const voxel of voxels) {
      if (voxel % box > 0 && parent.has(voxel - 1)) parent.set(root2(voxel), root2(voxel - 1));
      for (const before of [
        Math.floor(voxel / box) % box > 0 ? voxel - box : -1,
        voxel - box * box
      ]) {
        if (parent.has(before)) parent.set(root2(voxel), root2(before));
      }
    }
    const sizes = /* @__PURE__ */ new Map();
    for (const voxel of voxels) sizes.set(root2(voxel), (sizes.get(root2(voxel)) ?? 0) + 1);
    let largest = 0;
    for (const size of sizes.values()) largest = Math.max(largest, size);
    const fewest = keepsLargest ? Math.min(least, largest) : least;
    return voxels.filter((voxel) => sizes.get(root2(voxel)) >= fewest);
  }

  // page/viewer/controls.ts
  var TURN = 8e-3;
  var KEY_TURN = Math.PI / 18;
  var KEY_PAN = 24;
  var KEY_ZOOM = 1.2;
  var STILL = 4;
  function control(canvas, controlled) {
    const ended = new AbortController(), { signal } = ended;
    const pointers = /* @__PURE__ */ new Map();
    let wandered = 0;
    const placeOf = (event) => {
      const { left, top } = canvas.getBoundingClientRect();
      return {
        x: event.clientX - left,
        y: event.clientY - top
      };
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      if (pointers.size === 0) wandered = 0;
      pointers.set(event.pointerId, placeOf(event));
      if (pointers.size > 1) wandered = Infinity;
      controlled.hover(void 0);
    }, {
      signal
    });
    canvas.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId), now = placeOf(event);
      if (before === void 0) {
        if (event.pointerType !== "touch") controlled.hover(now);
        return;
      }
      const dx = now.x - before.x, dy = now.y - before.y;
      wandered += Math.hypot(dx, dy);
      const other = [
        ...pointers
      ].find(([id]) => id !== event.pointerId)?.[1];
      pointers.set(event.pointerId, now);
      if (other !== void 0) {
        const apart = (place) => Math.max(1, Math.hypot(place.x - other.x, place.y - other.y));
        controlled.zoomAt(apart(now) / apart(before), between(now, other));
        controlled.pan(dx / 2, dy / 2);
      } else if (wandered <= STILL) {
        return;
      } else if (event.shiftKey || (event.buttons & 1) === 0) {
        controlled.pan(dx, dy);
      } else {
        controlled.rotate(dx * TURN, dy * TURN);
      }
    }, {
      signal
    });
    const lift = (event) => {
      const isClick = pointers.delete(event.pointerId) && wandered <= STILL;
      if (isClick && event.type === "pointerup" && event.button === 0) {
        controlled.click(placeOf(event));
      }
      if (pointers.size === 0 && event.pointerType !== "touch") controlled.hover(placeOf(event));
    };
    canvas.addEventListener("pointerup", lift, {
      signal
    });
    canvas.addEventListener("pointercancel", lift, {
      signal
    });
    canvas.addEventListener("pointerleave", () => controlled.hover(void 0), {
      signal
    });
    canvas.addEventListener("contextmenu", (event) => {
      if (wandered > STILL) event.preventDefault();
    }, {
      signal
    });
    canvas.addEventListener("dblclick", () => controlled.resetView(), {
      signal
    });
    canvas.addEventListener("wheel", (event) => {
      if (document.activeElement !== canvas && !event.ctrlKey) return;
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const speed = event.ctrlKey ? 8e-3 : 15e-4;
      controlled.zoomAt(Math.exp(-event.deltaY * lines * speed), placeOf(event));
    }, {
      signal,
      passive: false
    });
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const action = keyAction(event, controlled);
      if (action === void 0) return;
      event.preventDefault();
      action();
    }, {
      signal
    });
    return () => ended.abort();
  }
  function between(a, b) {
    return {
      x: (a.x + b.x) / 2,
      y: (a.y + b.y) / 2
    };
  }
  function keyAction({ key, shiftKey }, { rotate, pan, zoomAt, resetView, lookAlong }) {
    const move = (right, down) => () => shiftKey ? pan(right * KEY_PAN, down * KEY_PAN) : rotate(right * KEY_TURN, down * KEY_TURN);
    switch (key) {
      case "ArrowLeft":
        return move(-1, 0);
      case "ArrowRight":
        return move(1, 0);
      case "ArrowUp":
        return move(0, -1);
      case "ArrowDown":
        return move(0, 1);
      case "+":
      case "=":
        return () => zoomAt(KEY_ZOOM);
      case "-":
      case "_":
        return () => zoomAt(1 / KEY_ZOOM);
      case "0":
      case "Home":
        return resetView;
      case "x":
      case "y":
      case "z":
        return () => lookAlong(key);
    }
    return void 0;
  }

  // page/viewer/ray.ts
  function firstAlong({ from, along }, box, find) {
    let enter = 0, leave = Infinity;
    for (let axis = 0; axis < 3; axis++) {
      const sides = [
        -from[axis] / along[axis],
        (box - from[axis]) / along[axis]
      ];
      if (along[axis] === 0) {
        if (from[axis] < 0 || from[axis] >= box) return void 0;
        continue;
      }
      enter = Math.max(enter, Math.min(...sides));
      leave = Math.min(leave, Math.max(...sides));
    }
    if (enter >= leave) return void 0;
    const at = [
      0,
      1,
      2
    ].map((axis) => {
      const place = Math.floor(from[axis] + enter * along[axis]);
      return Math.min(box - 1, Math.max(0, place));
    });
    const step = along.map(Math.sign), apart = along.map((value) => Math.abs(1 / value));
    const next = at.map((place, axis) => along[axis] === 0 ? Infinity : (place + (step[axis] > 0 ? 1 : 0) - from[axis]) / along[axis]);
    while (at.every((place) => place >= 0 && place < box)) {
      const found = find((at[2] * box + at[1]) * box + at[0]);
      if (found !== void 0) return found;
      const nearest = Math.min(...next), axis = next.indexOf(nearest);
      at[axis] += step[axis];
      next[axis] += apart[axis];
    }
    return void 0;
  }

  // page/viewer/shaders.ts
  var HEAD = `#version 300 es
precision highp float;
`;
  var SURFACE_VERTEX = `${HEAD}
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
uniform mat4 view, projection;
/** How far back depths are moved, in Angstrom. */
uniform float apix, back;
out vec3 seen, facing;
void main() {
  // The grids' corners coincide, whatever their voxels' size.
  vec4 place = view * vec4((position + 0.5) * apix, 1.0);
  seen = place.xyz;
  facing = mat3(view) * normal;
  gl_Position = projection * place;
  vec4 behind = projection * (place - vec4(0.0, 0.0, back, 0.0));
  gl_Position.z = behind.z / behind.w * gl_Position.w;
}`;
  var SURFACE_FRAGMENT = `${HEAD}
in vec3 seen, facing;
uniform vec3 colour, background;
/** How much is covered where the surface faces the viewer, and at its rim. */
uniform vec2 cover;
uniform vec2 depths;
out vec4 pixel;
void main() {
  vec3 n = normalize(gl_FrontFacing ? facing : -facing), eye = normalize(-seen);
  vec3 key = normalize(vec3(-0.45, 0.65, 0.75)), fill = normalize(vec3(0.8, -0.1, 0.5));
  float lit = 0.46 + 0.5 * max(dot(n, key), 0.0) + 0.16 * max(dot(n, fill), 0.0) + 0.08 * n.y;
  float shine = 0.14 * pow(max(dot(n, normalize(key + eye)), 0.0), 28.0);
  vec3 light = colour * lit + shine;
  // What is far away fades a little into the background.
  float away = clamp((-seen.z - depths.x) / (depths.y - depths.x), 0.0, 1.0);
  light = mix(light, background, 0.3 * away * away);
  float rim = pow(1.0 - abs(dot(n, eye)), 2.0);
  pixel = vec4(light, mix(cover.x, cover.y, rim));
}`;
  var SCREEN_VERTEX = `${HEAD}
out vec2 place;
void main() {
  place = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0;
  gl_Position = vec4(place * 2.0 - 1.0, 0.0, 1.0);
}`;
  var SHADOW_FRAGMENT = `${HEAD}
in vec2 place;
uniform sampler2D depth;
uniform mat4 projection;
uniform vec3 ink;
/** How far shadows reach, in Angstrom; pixels that an outline is wide. */
uniform float reach, width;
/** Of shadows, and of outlines. */
uniform vec2 strength;
out vec4 pixel;
float far(vec2 at) {
  float z = texture(depth, at).r * 2.0 - 1.0;
  return projection[3][2] / (z + projection[2][2]);
}
vec3 seen(vec2 at) {
  float d = far(at);
  return vec3((at * 2.0 - 1.0) * d / vec2(projection[0][0], projection[1][1]), -d);
}
void main() {
  vec2 step = 1.0 / vec2(textureSize(depth, 0));
  float here = texture(depth, place).r;
  vec3 p = seen(place);
  // Outlines: of what ends in front of something that lies well behind it.
  float jump = 0.0;
  for (int i = 0; i < 8; i++) {
    float a = 0.7853981634 * float(i);
    jump += smoothstep(0.25 * reach, 0.6 * reach, far(place + width * step * vec2(cos(a), sin(a))) + p.z);
  }
  float outline = here < 1.0 ? clamp(jump / 3.0, 0.0, 1.0) : 0.0;
  float shadow = 0.0;
  if (here < 1.0 && strength.x > 0.1) {
    // Of the two neighbours on each axis the nearer one in depth lies on the same surface.
    vec3 l = seen(place - vec2(step.x, 0)), r = seen(place + vec2(step.x, 0));
    vec3 b = seen(place - vec2(0, step.y)), t = seen(place + vec2(0, step.y));
    vec3 dx = abs(l.z - p.z) < abs(r.z - p.z) ? p - l : r - p;
    vec3 dy = abs(b.z - p.z) < abs(t.z - p.z) ? p - b : t - p;
    vec3 n = normalize(cross(dx, dy));
    vec2 wide = 0.5 * reach * vec2(projection[0][0], projection[1][1]) / -p.z;
    for (int i = 0; i < 20; i++) {
      float a = 2.3999632297 * float(i), r = sqrt((float(i) + 0.5) / 20.0);
      vec3 v = seen(place + wide * r * vec2(cos(a), sin(a))) - p;
      float away = dot(v, v);
      shadow += max(0.0, dot(v, n) - 0.06 * reach) / (away + 0.02 * reach * reach)
        * max(0.0, 1.0 - away / (4.0 * reach * reach));
    }
    shadow = clamp(shadow * reach / 20.0 * 1.1, 0.0, 0.8);
  }
  pixel = vec4(ink, max(0.85 * outline * strength.y, shadow * strength.x));
}`;
  var COPY_FRAGMENT = `${HEAD}
in vec2 place;
uniform sampler2D picture;
out vec4 pixel;
void main() { pixel = vec4(texture(picture, place).rgb, 1.0); }`;

  // page/viewer/renderer.ts
  var PAUSE = 4;
  function createRenderer(canvas) {
    const gl = canvas.getContext("webgl2", {
      antialias: false,
      alpha: false,
      depth: false
    });
    if (gl === null || gl.isContextLost()) return void 0;
    const surfaces = programOf(gl, SURFACE_VERTEX, SURFACE_FRAGMENT);
    const shadows = programOf(gl, SCREEN_VERTEX, SHADOW_FRAGMENT);
    const copy2 = programOf(gl, SCREEN_VERTEX, COPY_FRAGMENT);
    const nothing = gl.createVertexArray();
    let targets;
    const sizedTargets = () => {
      if (targets?.width !== canvas.width || targets.height !== canvas.height) {
        targets?.free();
        targets = makeTargets(gl, canvas.width, canvas.height);
      }
      return targets;
    };
    const drawItem = (program, { mesh, colour }) => {
      gl.uniform1f(program.uniform("apix"), mesh.apix);
      gl.uniform3fv(program.uniform("colour"), colour);
      gl.bindVertexArray(mesh.array);
      gl.drawElements(gl.TRIANGLES, mesh.indices, gl.UNSIGNED_INT, 0);
    };
    const drawScreen = (texture) => {
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.bindVertexArray(nothing);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    };
    const drawSurfaces = ({ items, camera, ball, background }) => {
      gl.useProgram(surfaces.program);
      gl.uniformMatrix4fv(surfaces.uniform("view"), false, viewMatrix(camera, ball));
      const projection = projectionMatrix(camera, ball, canvas.width, canvas.height);
      gl.uniformMatrix4fv(surfaces.uniform("projection"), false, projection);
      gl.uniform3fv(surfaces.uniform("background"), background);
      const { near, far } = depthRange(ball);
      gl.uniform2f(surfaces.uniform("depths"), near, far);
      gl.uniform2f(surfaces.uniform("cover"), 1, 1);
      gl.uniform1f(surfaces.uniform("back"), 0);
      for (const item of items) drawItem(surfaces, item);
    };
    const drawShadows = ({ camera, ball, ink, reach, density }, targets2, shadow, outline) => {
      targets2.resolve(gl.DEPTH_BUFFER_BIT);
      gl.disable(gl.DEPTH_TEST);
      gl.enable(gl.BLEND);
      gl.useProgram(shadows.program);
      const projection = projectionMatrix(camera, ball, canvas.width, canvas.height);
      gl.uniformMatrix4fv(shadows.uniform("projection"), false, projection);
      gl.uniform3fv(shadows.uniform("ink"), ink);
      gl.uniform1f(shadows.uniform("reach"), reach);
      gl.uniform1f(shadows.uniform("width"), density);
      gl.uniform2f(shadows.uniform("strength"), shadow, outline);
      drawScreen(targets2.depth);
      gl.enable(gl.DEPTH_TEST);
      gl.disable(gl.BLEND);
    };
    const drawClear = (picture, solid, clear) => {
      drawSurfaces({
        ...picture,
        items: []
      });
      for (const item of clear) {
        gl.colorMask(false, false, false, false);
        if (item !== clear[0]) {
          gl.clear(gl.DEPTH_BUFFER_BIT);
          for (const other of solid) drawItem(surfaces, other);
        }
        gl.uniform1f(surfaces.uniform("back"), 1.2 * item.mesh.apix);
        drawItem(surfaces, item);
        gl.colorMask(true, true, true, true);
        gl.enable(gl.BLEND);
        gl.uniform2f(surfaces.uniform("cover"), item.cover, item.cover + (1 - item.cover) * 0.6);
        drawItem(surfaces, item);
        gl.disable(gl.BLEND);
        gl.uniform1f(surfaces.uniform("back"), 0);
      }
    };
    return {
      upload(surface, apix) {
        const array = gl.createVertexArray();
        gl.bindVertexArray(array);
        const bufferOf = (target, data) => {
          const buffer = gl.createBuffer();
          gl.bindBuffer(target, buffer);
          gl.bufferData(target, data, gl.STATIC_DRAW);
          return buffer;
        };
        const positions = bufferOf(gl.ARRAY_BUFFER, surface.positions);
        gl.enableVertexAttribArray(0);
        gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
        const normals = bufferOf(gl.ARRAY_BUFFER, asBytes(surface.normals));
        gl.enableVertexAttribArray(1);
        gl.vertexAttribPointer(1, 3, gl.BYTE, true, 4, 0);
        const triangles = bufferOf(gl.ELEMENT_ARRAY_BUFFER, surface.triangles);
        gl.bindVertexArray(null);
        const buffers = [
          positions,
          normals,
          triangles
        ];
        return {
          array,
          buffers,
          indices: surface.triangles.length,
          apix
        };
      },
      free({ array, buffers }) {
        gl.deleteVertexArray(array);
        for (const buffer of buffers) gl.deleteBuffer(buffer);
      },
      draw(picture, isDraft) {
        const targets2 = sizedTargets();
        gl.viewport(0, 0, canvas.width, canvas.height);
        gl.bindFramebuffer(gl.FRAMEBUFFER, targets2.many);
        const [r, g, b] = picture.background;
        gl.clearColor(r, g, b, 1);
        gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
        gl.enable(gl.DEPTH_TEST);
        gl.depthFunc(gl.LEQUAL);
        gl.disable(gl.CULL_FACE);
        gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ZERO, gl.ONE);
        const solid = picture.items.filter(({ cover: cover2 }) => cover2 === 1);
        const clear = picture.items.filter(({ cover: cover2 }) => cover2 < 1);
        drawSurfaces({
          ...picture,
          items: solid
        });
        if (!isDraft) drawShadows(picture, targets2, 1, 1);
        drawClear(picture, solid, clear);
        const { cover = 0 } = clear.at(-1) ?? {};
        if (cover > 0 && !isDraft) drawShadows(picture, targets2, cover * cover, cover);
        targets2.resolve(gl.COLOR_BUFFER_BIT);
        gl.bindFramebuffer(gl.FRAMEBUFFER, null);
        gl.disable(gl.DEPTH_TEST);
        gl.useProgram(copy2.program);
        drawScreen(targets2.colour);
      },
      whenDone(listener) {
        const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
        gl.flush();
        const look = () => {
          const state = fence === null ? gl.WAIT_FAILED : gl.clientWaitSync(fence, 0, 0);
          if (state === gl.TIMEOUT_EXPIRED && !gl.isContextLost()) {
            setTimeout(look, PAUSE);
          } else {
            gl.deleteSync(fence);
            listener();
          }
        };
        setTimeout(look, 0);
      },
      dispose() {
        targets?.free();
        for (const { program } of [
          surfaces,
          shadows,
          copy2
        ]) gl.deleteProgram(program);
        gl.deleteVertexArray(nothing);
      }
    };
  }
  function asBytes(normals) {
    const bytes = new Int8Array(normals.length / 3 * 4);
    for (let i = 0; i < normals.length; i++) {
      bytes[Math.floor(i / 3) * 4 + i % 3] = Math.round(normals[i] * 127);
    }
    return bytes;
  }
  function programOf(gl, vertex, fragment) {
    const program = gl.createProgram();
    for (const [kind, text] of [
      [
        gl.VERTEX_SHADER,
        vertex
      ],
      [
        gl.FRAGMENT_SHADER,
        fragment
      ]
    ]) {
      const shader = gl.createShader(kind);
      if (shader === null) break;
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      gl.deleteShader(shader);
    }
    gl.linkProgram(program);
    if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true && !gl.isContextLost()) {
      throw new Error(`Cannot compile a shader: ${gl.getProgramInfoLog(program)}`);
    }
    const places = /* @__PURE__ */ new Map();
    return {
      program,
      uniform(name) {
        const place = places.get(name) ?? gl.getUniformLocation(program, name);
        places.set(name, place);
        return place;
      }
    };
  }
  var SAMPLES = 4;
  function makeTargets(gl, width, height) {
    const samples = Math.min(SAMPLES, Number(gl.getParameter(gl.MAX_SAMPLES)));
    const buffer = (format) => {
      const made = gl.createRenderbuffer();
      gl.bindRenderbuffer(gl.RENDERBUFFER, made);
      gl.renderbufferStorageMultisample(gl.RENDERBUFFER, samples, format, width, height);
      return made;
    };
    const texture = (format) => {
      const made = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, made);
      gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
      for (const filter of [
        gl.TEXTURE_MIN_FILTER,
        gl.TEXTURE_MAG_FILTER
      ]) {
        gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
      }
      for (const wrap of [
        gl.TEXTURE_WRAP_S,
        gl.TEXTURE_WRAP_T
      ]) {
        gl.texParameteri(gl.TEXTURE_2D, wrap, gl.CLAMP_TO_EDGE);
      }
      return made;
    };
    const manyColour = buffer(gl.RGBA8), manyDepth = buffer(gl.DEPTH_COMPONENT24);
    const many = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, many);
    gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, manyColour);
    gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.RENDERBUFFER, manyDepth);
    const colour = texture(gl.RGBA8), depth = texture(gl.DEPTH_COMPONENT24);
    const one = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, one);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, colour, 0);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.TEXTURE_2D, depth, 0);
    return {
      width,
      height,
      many,
      colour,
      depth,
      resolve(bits) {
        gl.bindFramebuffer(gl.READ_FRAMEBUFFER, many);
        gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, one);
        gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, bits, gl.NEAREST);
        gl.bindFramebuffer(gl.FRAMEBUFFER, many);
      },
      free() {
        for (const framebuffer of [
          many,
          one
        ]) gl.deleteFramebuffer(framebuffer);
        for (const made of [
          manyColour,
          manyDepth
        ]) gl.deleteRenderbuffer(made);
        for (const made of [
          colour,
          depth
        ]) gl.deleteTexture(made);
      }
    };
  }

  // page/viewer/corners.ts
  var FANS = makeFans();
  function fanOf(configuration, voxel, axis) {
    return FANS[configuration * 24 + voxel * 3 + axis];
  }
  function makeFans() {
    const fans = new Uint8Array(256 * 24);
    for (let configuration = 0; configuration < 256; configuration++) {
      const isIn = (voxel) => (configuration >> voxel & 1) === 1;
      const parent = Array.from({
        length: 24
      }, (_, face) => face);
      const root2 = (face) => parent[face] === face ? face : root2(parent[face]);
      const exposed = [];
      for (let voxel = 0; voxel < 8; voxel++) {
        for (let axis = 0; axis < 3; axis++) {
          if (!isIn(voxel) || isIn(voxel ^ 1 << axis)) continue;
          exposed.push(voxel * 3 + axis);
          for (const side of [
            (axis + 1) % 3,
            (axis + 2) % 3
          ]) {
            const beside = voxel ^ 1 << side, across = beside ^ 1 << axis;
            const next = !isIn(beside) ? voxel * 3 + side : !isIn(across) ? beside * 3 + axis : across * 3 + side;
            parent[root2(voxel * 3 + axis)] = root2(next);
          }
        }
      }
      const roots = [
        ...new Set(exposed.map(root2))
      ];
      for (const face of exposed) fans[configuration * 24 + face] = roots.indexOf(root2(face));
    }
    return fans;
  }

  // page/viewer/surface.ts
  var ROUNDS = 24;
  var FINE_ROUNDS = 4;
  var NEAR = 5e-3;
  var MOST_RESTORED = 6;
  var MOST_DIVIDED = 5e3;
  var STEP_IN = 0.63;
  var STEP_OUT = -0.645;
  var REACH2 = 1.25;
  function surfaceOf(voxels, box) {
    let faces = facesOf(voxels, box);
    let positions = Float32Array.from(faces.corners);
    smooth(positions, faces, ROUNDS);
    if (faces.starts.length <= MOST_DIVIDED) {
      const fine = divide(faces);
      positions = interpolate(positions, faces, fine);
      smooth(positions, fine, FINE_ROUNDS);
      faces = fine;
    }
    const triangles = triangulate(positions, faces);
    restoreVolumes(positions, faces, triangles);
    return {
      positions,
      normals: normalsOf(positions, triangles, faces),
      triangles
    };
  }
  function facesOf(voxels, box) {
    const { low, size } = boundsOf(voxels, box);
    const steps = [
      1,
      size[0],
      size[0] * size[1]
    ];
    const count2 = size[0] * size[1] * size[2];
    const isIn = new Uint8Array(count2);
    const first = new Int32Array(count2).fill(-1), configurations = new Uint8Array(count2);
    const places = Uint32Array.from(voxels, (voxel) => {
      const x = voxel % box - low[0], y = Math.floor(voxel / box) % box - low[1];
      return x + y * steps[1] + (Math.floor(voxel / box / box) - low[2]) * steps[2];
    });
    for (const place of places) isIn[place] = 1;
    const corners = [], outlines = [], starts = [];
    const addVertex = (corner, axis, shift) => {
      const x = corner % size[0], y = Math.floor(corner / steps[1]) % size[1];
      corners.push(x + low[0] - 0.5, y + low[1] - 0.5);
      corners.push(Math.floor(corner / steps[2]) + low[2] - 0.5);
      corners[corners.length - 3 + axis] += shift;
      return corners.length / 3 - 1;
    };
    const vertexAt = (corner, voxel, axis) => {
      if (first[corner] < 0) {
        let configuration = 0, fans = 0;
        for (let i = 0; i < 8; i++) {
          const x = 1 - (i & 1), y = 1 - (i >> 1 & 1), z = 1 - (i >> 2);
          configuration |= isIn[corner - x - y * steps[1] - z * steps[2]] << i;
        }
        configurations[corner] = configuration;
        for (let i = 0; i < 8; i++) {
          for (let a = 0; a < 3; a++) {
            const exposed = (configuration >> i & 1) === 1 && (configuration >> (i ^ 1 << a) & 1) === 0;
            if (exposed) fans = Math.max(fans, fanOf(configuration, i, a) + 1);
          }
        }
        first[corner] = corners.length / 3;
        for (let fan = 0; fan < fans; fan++) addVertex(corner, 0, 0);
      }
      return first[corner] + fanOf(configurations[corner], voxel, axis);
    };
    const middles = /* @__PURE__ */ new Map();
    const middleOf = (corner, axis, high) => {
      const key = (corner * 3 + axis) * 2 + high;
      const vertex = middles.get(key) ?? addVertex(corner, axis, 0.5);
      middles.set(key, vertex);
      return vertex;
    };
    for (const place of places) {
      for (let axis = 0; axis < 3; axis++) {
        for (let side = 0; side < 2; side++) {
          const out = side === 1 ? steps[axis] : -steps[axis];
          if (isIn[place + out] === 1) continue;
          starts.push(outlines.length);
          const u = (axis + 1) % 3, v = (axis + 2) % 3;
          for (let k = 0; k < 4; k++) {
            const turn = side === 1 ? k : 3 - k;
            const atU = turn === 1 || turn === 2 ? 1 : 0, atV = turn >> 1;
            const corner = place + side * steps[axis] + atU * steps[u] + atV * steps[v];
            const around = 1 - side << axis | 1 - atU << u | 1 - atV << v;
            outlines.push(vertexAt(corner, around, axis));
            const edge = (side === 1 ? turn : (turn + 3) % 4) % 4;
            const along = edge % 2 === 0 ? u : v, across = edge % 2 === 0 ? v : u;
            const high = edge === 1 || edge === 2 ? 1 : 0;
            const beside = high === 1 ? steps[across] : -steps[across];
            if (isIn[place + beside] === 1 || isIn[place + out + beside] === 0) continue;
            const start = place + side * steps[axis] + high * steps[across];
            const upper = (along + 1) % 3 === axis ? 1 - side : 1 - high;
            outlines.push(middleOf(start, along, upper));
          }
        }
      }
    }
    starts.push(outlines.length);
    return {
      corners: new Float32Array(corners),
      outlines: new Uint32Array(outlines),
      ends: endsOf(outlines, starts),
      starts: new Uint32Array(starts)
    };
  }
  function boundsOf(voxels, box) {
    const low = [
      box,
      box,
      box
    ], high = [
      0,
      0,
      0
    ];
    for (let i = 0; i < voxels.length; i++) {
      const voxel = voxels[i];
      const at = [
        voxel % box,
        Math.floor(voxel / box) % box,
        Math.floor(voxel / box / box)
      ];
      for (let axis = 0; axis < 3; axis++) {
        low[axis] = Math.min(low[axis], at[axis]);
        high[axis] = Math.max(high[axis], at[axis]);
      }
    }
    const size = low.map((from, axis) => Math.max(0, high[axis] - from) + 3);
    return {
      low: low.map((from) => from - 1),
      size
    };
  }
  function endsOf(outlines, starts) {
    const ends = new Uint32Array(outlines.length);
    for (let face = 0; face + 1 < starts.length; face++) {
      const start = starts[face], end = starts[face + 1];
      for (let i = start; i + 1 < end; i++) ends[i] = outlines[i + 1];
      ends[end - 1] = outlines[start];
    }
    return ends;
  }
  function aroundEach(values, { outlines, ends }, sums) {
    sums.fill(0);
    for (let i = 0; i < ends.length; i++) {
      const from = 3 * outlines[i], to = 3 * ends[i];
      sums[from] += values[to];
      sums[from + 1] += values[to + 1];
      sums[from + 2] += values[to + 2];
    }
  }
  function divide(faces) {
    const { outlines, ends, starts } = faces;
    const vertices = faces.corners.length / 3, count2 = starts.length - 1;
    const middles = /* @__PURE__ */ new Map();
    const middleOf = Uint32Array.from(outlines, (from, i) => {
      const to = ends[i], key = Math.min(from, to) * vertices + Math.max(from, to);
      const middle = middles.get(key) ?? vertices + count2 + middles.size;
      middles.set(key, middle);
      return middle;
    });
    const fine = new Uint32Array(4 * outlines.length);
    for (let face = 0; face < count2; face++) {
      const start = starts[face], end = starts[face + 1];
      for (let i = start; i < end; i++) {
        const before = i > start ? i - 1 : end - 1;
        fine[4 * i] = outlines[i];
        fine[4 * i + 1] = middleOf[i];
        fine[4 * i + 2] = vertices + face;
        fine[4 * i + 3] = middleOf[before];
      }
    }
    const fineStarts = Uint32Array.from({
      length: outlines.length + 1
    }, (_, i) => 4 * i);
    return {
      corners: interpolate(faces.corners, faces, {
        outlines: fine
      }),
      outlines: fine,
      ends: endsOf(fine, fineStarts),
      starts: fineStarts
    };
  }
  function interpolate(positions, { outlines, ends, starts }, fine) {
    const most = fine.outlines.reduce((most2, vertex) => Math.max(most2, vertex), -1);
    const result = new Float32Array(3 * (most + 1));
    result.set(positions);
    for (let face = 0; face + 1 < starts.length; face++) {
      const start = starts[face], end = starts[face + 1];
      for (let i = start; i < end; i++) {
        const from = 3 * outlines[i], to = 3 * ends[i];
        const edge = 3 * fine.outlines[4 * i + 1], middle = 3 * fine.outlines[4 * i + 2];
        for (let axis = 0; axis < 3; axis++) {
          result[edge + axis] = (positions[from + axis] + positions[to + axis]) / 2;
          result[middle + axis] += positions[from + axis] / (end - start);
        }
      }
    }
    return result;
  }
  function smooth(positions, faces, rounds) {
    const degrees = new Uint8Array(positions.length / 3), sums = new Float32Array(positions.length);
    for (const vertex of faces.outlines) degrees[vertex]++;
    for (let round = 0; round < 2 * rounds; round++) {
      aroundEach(positions, faces, sums);
      const step = round % 2 === 0 ? STEP_IN : STEP_OUT;
      for (let vertex = 0, i = 0; vertex < degrees.length; vertex++) {
        for (let axis = 0; axis < 3; axis++, i++) {
          const mean = sums[i] / degrees[vertex], corner = faces.corners[i];
          const moved2 = positions[i] + step * (mean - positions[i]);
          positions[i] = Math.min(corner + REACH2, Math.max(corner - REACH2, moved2));
        }
      }
    }
  }
  function restoreVolumes(positions, faces, triangles) {
    const parts = partsOf(positions.length / 3, faces);
    const wanted = measure(faces.corners, triangles, parts).volumes;
    for (let round = 0; round < MOST_RESTORED; round++) {
      const { volumes, areas } = measure(positions, triangles, parts);
      const isNear = (volume, part) => Math.abs(volume - wanted[part]) <= NEAR * Math.abs(wanted[part]);
      if (volumes.every(isNear)) break;
      const normals = normalsOf(positions, triangles, faces);
      for (let vertex = 0, i = 0; vertex < parts.length; vertex++) {
        const part = parts[vertex];
        const missing = (wanted[part] - volumes[part]) / areas[part];
        const step = Math.max(-0.4, Math.min(0.4, missing));
        for (let axis = 0; axis < 3; axis++, i++) positions[i] += normals[i] * step;
      }
    }
  }
  function partsOf(vertices, { outlines, ends }) {
    const parent = Uint32Array.from({
      length: vertices
    }, (_, vertex) => vertex);
    const root2 = (vertex) => {
      while (parent[vertex] !== vertex) {
        parent[vertex] = parent[parent[vertex]];
        vertex = parent[vertex];
      }
      return vertex;
    };
    for (let i = 0; i < ends.length; i++) parent[root2(outlines[i])] = root2(ends[i]);
    return parent.map(root2);
  }
  function measure(positions, triangles, parts) {
    const volumes = new Float64Array(parts.length), areas = new Float64Array(parts.length);
    for (let i = 0; i < triangles.length; i += 3) {
      const part = parts[triangles[i]], a = 3 * triangles[i];
      const [x, y, z] = crossAt(positions, triangles, i);
      volumes[part] += (positions[a] * x + positions[a + 1] * y + positions[a + 2] * z) / 6;
      areas[part] += Math.sqrt(x * x + y * y + z * z) / 2;
    }
    return {
      volumes,
      areas
    };
  }
  function crossAt(p, triangles, i) {
    const a = 3 * triangles[i], b = 3 * triangles[i + 1], c = 3 * triangles[i + 2];
    const ux = p[b] - p[a], uy = p[b + 1] - p[a + 1], uz = p[b + 2] - p[a + 2];
    const vx = p[c] - p[a], vy = p[c + 1] - p[a + 1], vz = p[c + 2] - p[a + 2];
    return [
      uy * vz - uz * vy,
      uz * vx - ux * vz,
      ux * vy - uy * vx
    ];
  }
  function triangulate(positions, { outlines, starts, corners }) {
    const faces = starts.length - 1;
    const triangles = new Uint32Array(3 * (outlines.length - 2 * faces));
    const squareBetween = (a, b) => {
      const x = positions[3 * a] - positions[3 * b];
      const y = positions[3 * a + 1] - positions[3 * b + 1];
      const z = positions[3 * a + 2] - positions[3 * b + 2];
      return x * x + y * y + z * z;
    };
    for (let face = 0, t = 0; face < faces; face++) {
      const start = starts[face], sides = starts[face + 1] - start;
      const at = (i) => outlines[start + i % sides];
      let from = 0;
      if (sides > 4) {
        while (!isMiddle(corners, at(from))) from++;
      } else if (squareBetween(at(0), at(2)) > squareBetween(at(1), at(3))) {
        from = isMiddle(corners, at(0)) ? 0 : 1;
      }
      for (let i = 1; i + 1 < sides; i++) {
        triangles[t++] = at(from);
        triangles[t++] = at(from + i);
        triangles[t++] = at(from + i + 1);
      }
    }
    return triangles;
  }
  function isMiddle(corners, vertex) {
    return corners[3 * vertex] % 1 === 0 || corners[3 * vertex + 1] % 1 === 0 || corners[3 * vertex + 2] % 1 === 0;
  }
  function normalsOf(positions, triangles, faces) {
    const sums = new Float32Array(positions.length), normals = new Float32Array(positions.length);
    for (let i = 0; i < triangles.length; i += 3) {
      const cross2 = crossAt(positions, triangles, i);
      for (let k = 0; k < 3; k++) {
        for (let axis = 0; axis < 3; axis++) sums[3 * triangles[i + k] + axis] += cross2[axis];
      }
    }
    aroundEach(sums, faces, normals);
    for (let i = 0; i < sums.length; i += 3) {
      const x = sums[i] + normals[i], y = sums[i + 1] + normals[i + 1];
      const z = sums[i + 2] + normals[i + 2], length = Math.sqrt(x * x + y * y + z * z);
      normals[i] = length > 0 ? x / length : 1;
      normals[i + 1] = length > 0 ? y / length : 0;
      normals[i + 2] = length > 0 ? z / length : 0;
    }
    return normals;
  }

  // page/viewer/viewer.ts
  var NoWebGlError = class extends Error {
    name = "NoWebGlError";
  };
  var SHADOW_VOXELS = 6;
  var FADED = 0.1;
  var RARE = 26;
  var LEAST_DENSITY = 2;
  var MOST_DENSITY = 3;
  var SLOW = 80;
  var VERY_SLOW = 3e3;
  var REST2 = 250;
  function createViewer(canvas, scene, options) {
    const { blocks, shape } = scene;
    const ball = ballAround(shape);
    const colours = blocks.map(({ colour }) => colourOf(colour));
    const hidden = /* @__PURE__ */ new Set();
    let highlighted;
    let volume;
    let isShellVisible = true, shellOpacity = 0.25, dust = 1;
    let { theme: theme2, level = 0.5 } = options;
    let camera = lookingAlong("z");
    let renderer = createRenderer(canvas);
    if (renderer === void 0) {
      throw new NoWebGlError("This browser draws no 3-D here: WebGL 2 is missing or switched off");
    }
    let blockOf;
    const shown = /* @__PURE__ */ new Map();
    const surfaceFor = (key, grid, rows) => {
      const known2 = shown.get(key);
      if (known2 !== void 0 || renderer === void 0) return known2 ?? void 0;
      const all = Uint32Array.from(rows(), (row) => grid.union[row]);
      const voxels = withoutDust(all, grid.box, dust / grid.binning ** 3, key.startsWith("block "));
      const surface = surfaceOf(voxels, grid.box);
      const made = voxels.length === 0 ? null : {
        voxels,
        surface,
        mesh: renderer.upload(surface, grid.apix)
      };
      shown.set(key, made);
      return made ?? void 0;
    };
    const forget = (isOld) => {
      blockOf = void 0;
      for (const [key, made] of shown) {
        if (!isOld(key)) continue;
        if (made !== null) renderer?.free(made.mesh);
        shown.delete(key);
      }
    };
    const stopListening = [];
    const picked = listeners(), hovered = listeners();
    const scaled = listeners();
    let scale2 = 0;
    const blockItems = () => blocks.flatMap(({ id }, place) => {
      if (hidden.has(id)) return [];
      const made = blockSurface(place);
      if (made === void 0) return [];
      const cover = highlighted === void 0 || highlighted.has(id) ? 1 : FADED;
      const item = {
        mesh: made.mesh,
        colour: colours[place],
        cover
      };
      return [
        {
          place,
          item,
          depth: depthOf(made, camera)
        }
      ];
    }).sort((a, b) => a.depth - b.depth || a.place - b.place);
    const blockSurface = (place) => {
      if (volume === void 0 || scene.volumes === void 0) {
        return surfaceFor(`block ${place}`, shape, () => shape.members[place]);
      }
      const { volumes } = scene, of = volume;
      return surfaceFor(`volume ${of} block ${place}`, volumes.grid, () => volumes.grid.members[place].filter((row) => isOccupied(volumes, row, of)));
    };
    const shellItems = () => {
      if (!isShellVisible || shellOpacity === 0) return [];
      const made = shellSurface();
      const colour = colourOf(theme2.shell);
      return made === void 0 ? [] : [
        {
          mesh: made.mesh,
          colour,
          cover: shellOpacity
        }
      ];
    };
    const shellSurface = () => {
      if (volume === void 0 || scene.volumes === void 0) {
        const least = Math.max(1, Math.round(255 * level));
        return surfaceFor(`level ${least}`, shape, () => rowsFrom(shape.consensus, least));
      }
      const { volumes } = scene, of = volume;
      return surfaceFor(`volume ${of}`, volumes.grid, () => occupiedIn(volumes, of));
    };
    const picture = (items, density) => ({
      items,
      camera,
      ball,
      background: colourOf(theme2.background),
      ink: colourOf(theme2.ink),
      reach: SHADOW_VOXELS * shape.apix,
      density
    });
    const drawAt = (density, isDraft = false) => {
      const width = Math.max(1, Math.round(canvas.clientWidth * density));
      const height = Math.max(1, Math.round(canvas.clientHeight * density));
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      const items = [
        ...blockItems().map(({ item }) => item),
        ...shellItems()
      ];
      renderer?.draw(picture(items, density), isDraft);
      const now = pixelsPerAngstrom(camera, ball, canvas.clientWidth, canvas.clientHeight);
      if (now !== scale2) scaled.tell(scale2 = now);
    };
    let asked, rest;
    let isBusy = false, isWanted = false, isSlow = false, isVerySlow = false;
    const cancel = () => {
      if (asked !== void 0) cancelAnimationFrame(asked);
      clearTimeout(rest);
      asked = rest = void 0;
    };
    const frame = () => {
      cancel();
      drawAt(isVerySlow ? 1 : densityOf(canvas));
    };
    const frameSoon = (isDraft) => {
      cancel();
      if (isBusy || renderer === void 0) {
        isWanted = isBusy;
        return;
      }
      isBusy = true;
      if (isDraft) drawAt(1, true);
      else frame();
      const start = performance.now();
      renderer.whenDone(() => {
        isBusy = false;
        const took = performance.now() - start;
        if (!isDraft) isSlow = took > SLOW;
        if (!isDraft) isVerySlow ||= took > VERY_SLOW;
        if (isWanted) ask();
        else if (isDraft) rest = setTimeout(() => frameSoon(false), REST2);
        isWanted = false;
      });
    };
    const ask = () => {
      asked ??= requestAnimationFrame(() => frameSoon(isSlow));
    };
    const look = (next) => {
      camera = next;
      ask();
    };
    const blockAt = (x, y) => {
      if (blockOf === void 0) {
        blockOf = /* @__PURE__ */ new Map();
        for (const { place: place2 } of blockItems()) {
          for (const voxel of blockSurface(place2)?.voxels ?? []) blockOf.set(voxel, place2);
        }
      }
      const { box, apix } = (volume === void 0 ? void 0 : scene.volumes?.grid) ?? shape;
      const { from, along } = rayAt(camera, ball, x, y, canvas.clientWidth, canvas.clientHeight);
      const [u, v, w] = from;
      const ray = {
        from: [
          u / apix,
          v / apix,
          w / apix
        ],
        along
      };
      const place = firstAlong(ray, box, (voxel) => blockOf?.get(voxel));
      return place === void 0 ? null : blocks[place].id;
    };
    let under = null;
    let hover;
    const hoverAt = (place) => {
      if (hover !== void 0) cancelAnimationFrame(hover);
      if (!hovered.any) return;
      hover = requestAnimationFrame(() => {
        hover = void 0;
        const now = place === void 0 ? null : blockAt(place.x, place.y);
        if (now !== under) hovered.tell(under = now);
      });
    };
    const rotate = (right, down) => look(turned(camera, right, down));
    const zoomAt = (factor, place) => {
      const pixels = pixelsPerAngstrom(camera, ball, canvas.clientWidth, canvas.clientHeight);
      const right = place === void 0 ? 0 : (place.x - canvas.clientWidth / 2) / pixels;
      const up = place === void 0 ? 0 : (canvas.clientHeight / 2 - place.y) / pixels;
      look(zoomed(camera, factor, right, up));
    };
    const pan = (right, down) => {
      const pixels = pixelsPerAngstrom(camera, ball, canvas.clientWidth, canvas.clientHeight);
      look(moved(camera, right / pixels, -down / pixels));
    };
    const lookAlong = (axis) => look({
      ...camera,
      ...lookingAlong(axis)
    });
    const resetView = () => lookAlong("z");
    if (!canvas.hasAttribute("tabindex")) canvas.tabIndex = 0;
    canvas.style.touchAction = "none";
    const click = ({ x, y }) => picked.tell(blockAt(x, y));
    stopListening.push(control(canvas, {
      rotate,
      pan,
      resetView,
      lookAlong,
      zoomAt,
      click,
      hover: hoverAt
    }));
    const ended = new AbortController(), { signal } = ended;
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      renderer = void 0;
      shown.clear();
    }, {
      signal
    });
    canvas.addEventListener("webglcontextrestored", () => {
      renderer = createRenderer(canvas);
      blockOf = void 0;
      ask();
    }, {
      signal
    });
    const resized = new ResizeObserver(ask);
    resized.observe(canvas);
    ask();
    return {
      setBlockVisible(id, visible) {
        if (visible) hidden.delete(id);
        else hidden.add(id);
        blockOf = void 0;
        ask();
      },
      setHighlighted(ids) {
        highlighted = ids === null ? void 0 : new Set(ids);
        ask();
      },
      showVolume(next) {
        volume = next ?? void 0;
        const current = `volume ${volume}`;
        forget((key) => key.startsWith("volume ") && key !== current && !key.startsWith(`${current} `));
        ask();
      },
      setShellVisible(visible) {
        isShellVisible = visible;
        ask();
      },
      setShellOpacity(opacity) {
        shellOpacity = Math.min(1, Math.max(0, opacity));
        ask();
      },
      setLevel(share) {
        level = share;
        forget((key) => key.startsWith("level "));
        ask();
      },
      setDust(voxels) {
        dust = voxels;
        forget(() => true);
        ask();
      },
      setTheme(next) {
        theme2 = next;
        ask();
      },
      resetView,
      lookAlong,
      rotate,
      zoom: (factor) => zoomAt(factor),
      pan,
      onPick: picked.add,
      onHover: hovered.add,
      onScale(listener) {
        if (scale2 > 0) listener(scale2);
        return scaled.add(listener);
      },
      blockAt,
      frame,
      snapshot(times = 2) {
        drawAt(times);
        const url = canvas.toDataURL("image/png");
        frame();
        return url;
      },
      dispose() {
        for (const stop of stopListening) stop();
        ended.abort();
        resized.disconnect();
        cancel();
        if (hover !== void 0) cancelAnimationFrame(hover);
        forget(() => true);
        renderer?.dispose();
        renderer = void 0;
      }
    };
  }
  function densityOf({ ownerDocument }) {
    const pixels = ownerDocument.defaultView?.devicePixelRatio ?? 1;
    return Math.min(MOST_DENSITY, Math.max(LEAST_DENSITY, pixels));
  }
  function colourOf(hex) {
    const [r, g, b] = parseHex(hex);
    return [
      r / 255,
      g / 255,
      b / 255
    ];
  }
  function rowsFrom(consensus, least) {
    const rows = [];
    consensus.forEach((share, row) => share >= least && rows.push(row));
    return rows;
  }
  function ballAround({ union, box, apix, consensus, members }) {
    const isUsual = Uint8Array.from(consensus, (share) => share >= RARE ? 1 : 0);
    for (const block of members) for (const row of block) isUsual[row] = 1;
    if (!isUsual.includes(1)) isUsual.fill(1);
    const low = [
      Infinity,
      Infinity,
      Infinity
    ], high = [
      -Infinity,
      -Infinity,
      -Infinity
    ];
    const placeOf = (voxel) => [
      (voxel % box + 0.5) * apix,
      (Math.floor(voxel / box) % box + 0.5) * apix,
      (Math.floor(voxel / box / box) + 0.5) * apix
    ];
    union.forEach((voxel, row) => {
      if (isUsual[row] === 0) return;
      placeOf(voxel).forEach((at, axis) => {
        low[axis] = Math.min(low[axis], at);
        high[axis] = Math.max(high[axis], at);
      });
    });
    const half = box * apix / 2;
    const middleOf = (axis) => union.length > 0 ? (low[axis] + high[axis]) / 2 : half;
    const middle = [
      middleOf(0),
      middleOf(1),
      middleOf(2)
    ];
    const around = 2 * apix;
    let radius = around, whole = around;
    union.forEach((voxel, row) => {
      const distance = Math.hypot(...placeOf(voxel).map((at, axis) => at - middle[axis])) + around;
      whole = Math.max(whole, distance);
      if (isUsual[row] === 1) radius = Math.max(radius, distance);
    });
    return {
      middle,
      radius,
      whole
    };
  }
  function depthOf({ surface: { positions } }, { axes }) {
    let sum = 0, count2 = 0;
    const step = 3 * Math.max(1, Math.floor(positions.length / 300));
    for (let i = 0; i < positions.length; i += step, count2++) {
      for (let axis = 0; axis < 3; axis++) sum += positions[i + axis] * axes[6 + axis];
    }
    return sum / count2;
  }
  function listeners() {
    const all = /* @__PURE__ */ new Set();
    return {
      get any() {
        return all.size > 0;
      },
      add(listener) {
        all.add(listener);
        return () => void all.delete(listener);
      },
      tell(value) {
        for (const listener of all) listener(value);
      }
    };
  }

  // page/panels/viewer_panel.ts
  function viewerPanel(store, packed) {
    const { report } = store;
    const canvas = h("canvas", {
      tabindex: "0",
      role: "application",
      "aria-roledescription": "3-D view",
      "aria-label": "Blocks in 3-D. Drag or use the arrow keys to rotate, plus and minus to zoom."
    });
    const message = h("p", {
      class: "message",
      role: "status"
    }, "Unpacking the blocks \u2026");
    const picture = h("img", {
      class: "print-only",
      alt: "The blocks in 3-D"
    });
    const scale2 = h("div", {
      class: "scale-bar",
      "aria-hidden": "true"
    }, h("span"));
    const shownNow = h("p", {
      class: "shown-now",
      "aria-live": "polite"
    });
    const stage = h("div", {
      class: "stage"
    }, canvas, message, picture, scale2, shownNow);
    let viewer;
    const placeOf = new Map(report.blocks.map(({ id }, place) => [
      id,
      place
    ]));
    const names = h("datalist", {
      id: "volume-names"
    }, ...report.volumes.map(({ file }) => h("option", {
      value: file
    })));
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
        } else store.set({
          volume: volume === -1 ? null : volume
        });
      },
      oninput: () => input.setCustomValidity("")
    });
    const step = (by) => {
      const { volume, volumes } = store.get();
      const { order } = report.volumeTree;
      const list = order.filter((one) => volumes === null || volumes.size === 0 || volumes.has(one));
      const at = volume === null ? -1 : list.indexOf(volume);
      const next = at === -1 ? by === 1 ? 0 : list.length - 1 : at + by;
      store.set({
        volume: list[(next + list.length) % list.length] ?? null
      });
    };
    const hasVolumes = packed?.volumes !== void 0;
    const consensus = button("Consensus", () => store.set({
      volume: null
    }));
    const volumeBar = h("div", {
      class: "toolbar",
      role: "group",
      "aria-label": "Volume shown"
    }, ...hasVolumes ? [
      button("\u2039", () => step(-1), {
        "aria-label": "Previous volume",
        title: "Previous volume"
      }),
      input,
      names,
      button("\u203A", () => step(1), {
        "aria-label": "Next volume",
        title: "Next volume"
      }),
      consensus
    ] : [
      h("span", {
        class: "muted"
      }, "Single volumes are too many for a page.")
    ]);
    const shell = h("input", {
      type: "checkbox",
      checked: true,
      onchange: () => viewer?.setShellVisible(shell.checked)
    });
    const slider = (text, value, set) => {
      const range = h("input", {
        type: "range",
        min: "0.05",
        max: "1",
        step: "0.05",
        value: String(value),
        oninput: () => set(Number(range.value))
      });
      return h("label", {
        class: "slider"
      }, text, range);
    };
    const dust = h("input", {
      type: "number",
      min: "1",
      max: "999",
      value: "5",
      title: "Parts of fewer voxels are not drawn",
      oninput: () => viewer?.setDust(Math.max(1, dust.valueAsNumber || 1))
    });
    const looks = h("div", {
      class: "toolbar",
      role: "group",
      "aria-label": "3-D view"
    }, ...[
      "x",
      "y",
      "z"
    ].map((axis) => button(axis, () => viewer?.lookAlong(axis), {
      "aria-label": `Look along ${axis}`,
      title: `Look along ${axis}`
    })), button("Reset", () => viewer?.resetView(), {
      title: "Everything in view, along z"
    }), h("label", {}, shell, "Shell"), slider("opacity", 0.25, (value) => viewer?.setShellOpacity(value)), slider("level", 0.5, (value) => viewer?.setLevel(value)), h("label", {}, "Parts from ", dust, " voxels"), h("span", {
      class: "spacer"
    }), button("Save PNG", () => {
      if (viewer === void 0) return;
      h("a", {
        href: viewer.snapshot(3),
        download: "blocks.png"
      }).click();
    }));
    const begin = async () => {
      if (packed === null) {
        message.textContent = "There is nothing to draw.";
        return;
      }
      const scene = await unpackScene(packed);
      try {
        viewer = createViewer(canvas, scene, {
          theme: theme()
        });
      } catch (error) {
        if (!(error instanceof NoWebGlError)) throw error;
        message.textContent = "This browser shows no 3-D (WebGL 2 is off or missing). All else works.";
        stage.classList.add("without");
        return;
      }
      message.remove();
      viewer.setShellVisible(shell.checked);
      for (const input2 of looks.querySelectorAll("input:not([type=checkbox])")) {
        input2.dispatchEvent(new Event("input"));
      }
      viewer.onPick((id) => {
        const block = id === null ? void 0 : placeOf.get(id);
        if (block !== void 0) store.select((now) => toggleBlock(now, block, added));
      });
      viewer.onHover((id) => {
        store.set({
          hoverBlock: id === null ? null : placeOf.get(id) ?? null
        });
        canvas.style.cursor = id === null ? "grab" : "pointer";
      });
      viewer.onScale((pixels) => drawScale(scale2, pixels));
      const made = viewer;
      store.listen((now, before) => {
        if (now.theme !== before?.theme) made.setTheme(theme());
        if (now.hidden !== before?.hidden) {
          report.blocks.forEach(({ id }, place) => made.setBlockVisible(id, !now.hidden.has(place)));
        }
        if (now.volume !== before?.volume) made.showVolume(now.volume);
        if (now.selection !== before?.selection || now.hoverBlock !== before.hoverBlock) {
          const meant = new Set(now.selection.blocks.keys());
          if (now.hoverBlock !== null && !canvas.matches(":hover")) meant.add(now.hoverBlock);
          made.setHighlighted(meant.size === 0 ? null : Array.from(meant, (place) => report.blocks[place].id));
        }
      });
      stage.dataset.ready = "";
    };
    let added = false;
    canvas.addEventListener("pointerup", (event) => added = isAdding(event), {
      capture: true
    });
    store.listen((now, before) => {
      if (now.volume === before?.volume && now.hoverBlock === before?.hoverBlock) return;
      const file = now.volume === null ? void 0 : report.volumes[now.volume]?.file;
      input.value = file ?? "";
      input.setCustomValidity("");
      consensus.disabled = file === void 0;
      const hovered = now.hoverBlock === null ? "" : ` \xB7 ${report.blocks[now.hoverBlock].name}`;
      shownNow.textContent = (file ?? "Consensus") + hovered;
    });
    addEventListener("beforeprint", () => {
      if (viewer === void 0) return;
      viewer.setTheme(theme());
      picture.src = viewer.snapshot(2);
    });
    addEventListener("afterprint", () => viewer?.setTheme(theme()));
    new IntersectionObserver((entries, observer) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      begin().catch((error) => {
        message.textContent = "The 3-D view failed. All else works.";
        console.error(error);
      });
    }, {
      rootMargin: "400px"
    }).observe(stage);
    return figure("three-d", "In 3-D", h("span", {}, "Blocks in their colours within the consensus, drawn where at least the share of volumes that Level says is occupied." + coarseness(packed), hint("Drag to rotate, wheel (after a click, or with Ctrl) to zoom, right button to move; click a block to select it. A volume picked here or in any figure is shown in the consensus\u2019 place.")), stage, volumeBar, looks);
  }
  function coarseness(packed) {
    const shape = packed?.shape.binning ?? 1, volumes = packed?.volumes?.grid?.binning ?? shape;
    const times = (binning) => `on a grid ${binning} times as coarse as the run\u2019s`;
    if (shape > 1 && volumes === shape) return ` All is drawn ${times(shape)}.`;
    const blocks = shape > 1 ? ` Blocks are drawn ${times(shape)}.` : "";
    return blocks + (volumes > shape ? ` Single volumes are drawn ${times(volumes)}.` : "");
  }
  function theme() {
    return {
      background: pageColour("stage"),
      shell: pageColour("shell"),
      ink: pageColour("outline")
    };
  }
  var LENGTHS = [
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    1e3
  ];
  function drawScale(bar, pixels) {
    const length = LENGTHS.find((length2) => length2 * pixels >= 60) ?? 1e3;
    const line = bar.querySelector("span");
    if (line === null) return;
    line.style.width = `${length * pixels}px`;
    line.textContent = length >= 10 ? `${length / 10} nm` : `${length} \u212B`;
  }

  // page/run_folder.ts
  var SERVED_AT = [
    "127.0.0.1",
    "localhost"
  ];
  function runFolder(address, name) {
    const { protocol, hostname, pathname } = new URL(address);
    let path;
    try {
      path = decodeURIComponent(pathname);
    } catch {
      return name;
    }
    if (protocol === "http:" && SERVED_AT.includes(hostname)) path = path.replace(/^\/[^/]*/, "");
    else if (protocol !== "file:") return name;
    const folder = path.replace(/\/[^/]*$/, "");
    const local = /^\/[A-Za-z]:\//.test(folder) ? folder.slice(1) : folder;
    return local.endsWith(`/${name}`) ? local : name;
  }

  // page/store.ts
  function makeStore(report, theme2) {
    let state = {
      volumes: null,
      hoverBlock: null,
      hoverVolume: null,
      theme: theme2,
      ...readHash(report, location.hash)
    };
    state = {
      ...state,
      volumes: volumesOf(report, state.selection)
    };
    const listeners2 = [];
    const set = (change) => {
      const before = state;
      state = {
        ...before,
        ...change
      };
      if (state.selection !== before.selection) {
        state = {
          ...state,
          volumes: volumesOf(report, state.selection)
        };
      }
      for (const listener of listeners2) listener(state, before);
      const isInHash = state.selection !== before.selection || state.hidden !== before.hidden || state.volume !== before.volume;
      if (isInHash) history.replaceState(null, "", formatHash(report, state) || "#");
    };
    addEventListener("hashchange", () => set(readHash(report, location.hash)));
    return {
      report,
      get: () => state,
      set,
      select: (change) => set({
        selection: change(state.selection)
      }),
      listen: (listener) => {
        listeners2.push(listener);
        listener(state, void 0);
      }
    };
  }
  function formatHash(report, { selection, hidden, volume }) {
    const name = (block) => report.blocks[block].name;
    const parts = [];
    if (selection.blocks.size > 0) {
      const blocks = Array.from(selection.blocks, ([block, wish]) => (wish === "absent" ? "-" : "") + name(block));
      parts.push(`blocks=${blocks.join(",")}`);
    }
    if (selection.volumes !== null) parts.push(`volumes=${formatRanges(selection.volumes)}`);
    if (hidden.size > 0) parts.push(`hidden=${Array.from(hidden, name).join(",")}`);
    if (volume !== null) parts.push(`volume=${volume}`);
    return parts.length === 0 ? "" : `#${parts.join("&")}`;
  }
  function readHash(report, hash) {
    const parts = new URLSearchParams(hash.slice(1));
    const placeOf = new Map(report.blocks.map(({ name }, block) => [
      name,
      block
    ]));
    const names = (part) => (parts.get(part) ?? "").split(",");
    const blocks = new Map(names("blocks").flatMap((word) => {
      const block = placeOf.get(word.replace(/^-/, ""));
      return block === void 0 ? [] : [
        [
          block,
          word.startsWith("-") ? "absent" : "present"
        ]
      ];
    }));
    const picked = parts.get("volumes");
    const count2 = report.volumes.length;
    const volume = parseRanges(parts.get("volume") ?? "", count2)[0] ?? null;
    const selection = {
      blocks,
      volumes: picked === null ? null : new Set(parseRanges(picked, count2)),
      source: picked === null ? "" : "picked"
    };
    return {
      selection: isNothing(selection) ? NOTHING : selection,
      hidden: new Set(names("hidden").flatMap((name) => placeOf.get(name) ?? [])),
      volume
    };
  }

  // page/main.ts
  var root = document.documentElement;
  var dark = matchMedia("(prefers-color-scheme: dark)");
  function read(id) {
    return JSON.parse(document.getElementById(id)?.textContent ?? "null");
  }
  function show() {
    const report = unpackReport(read("data"));
    const store = makeStore(report, dark.matches ? "dark" : "light");
    let chosen;
    const theme2 = button("", () => {
      chosen = store.get().theme === "dark" ? "light" : "dark";
      store.set({
        theme: chosen
      });
    }, {
      class: "theme"
    });
    dark.addEventListener("change", () => {
      if (chosen === void 0) store.set({
        theme: dark.matches ? "dark" : "light"
      });
    });
    store.listen((now, before) => {
      if (now.theme === before?.theme) return;
      root.dataset.theme = now.theme;
      theme2.textContent = now.theme === "dark" ? "Light" : "Dark";
      theme2.setAttribute("aria-label", `${now.theme === "dark" ? "Light" : "Dark"} colours`);
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") store.set({
        selection: NOTHING,
        volume: null
      });
    });
    let onScreen = store.get().theme;
    addEventListener("beforeprint", () => {
      onScreen = store.get().theme;
      store.set({
        theme: "light"
      });
      drawNow();
    });
    addEventListener("afterprint", () => store.set({
      theme: onScreen
    }));
    const hasBlocks = report.blocks.length > 0;
    const links = [
      [
        "three-d",
        "3-D"
      ],
      [
        "blocks",
        "Blocks"
      ],
      [
        "occupancy",
        "Occupancy"
      ],
      [
        "components",
        "Components"
      ],
      [
        "order",
        "Order"
      ],
      [
        "pairs",
        "Pairs"
      ],
      [
        "histograms",
        "Distributions"
      ],
      [
        "tables",
        "Tables"
      ],
      [
        "provenance",
        "Provenance"
      ]
    ];
    document.getElementById("page")?.replaceChildren(header(report, theme2, button("Print", () => print(), {
      class: "print"
    })), h("nav", {
      "aria-label": "Figures"
    }, ...links.filter(([id]) => hasBlocks || id === "blocks" || id === "tables" || id === "provenance").map(([id, text]) => button(text, () => {
      const target = document.getElementById(id);
      target?.scrollIntoView({
        behavior: "smooth"
      });
      target?.setAttribute("tabindex", "-1");
      target?.focus({
        preventScroll: true
      });
    }))), h("main", {}, summary(report), ...hasBlocks ? [
      h("div", {
        class: "row blocks-row"
      }, viewerPanel(store, read("scene")), blockTable(store)),
      h("div", {
        class: "row"
      }, heatMap(store), componentScatter(store)),
      h("div", {
        class: "row"
      }, dependencyGraph(store), pairMatrix(store)),
      histograms(store)
    ] : [
      blockTable(store)
    ], ...[
      junkVolumes(store)
    ].filter((panel) => panel !== void 0), h("div", {
      class: "row last"
    }, tables(store), provenance(store))), dock(store, runFolder(location.href, report.name)));
  }
  show();
})();
