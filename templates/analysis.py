# %% [markdown]
# # Blocks, occupancies and volumes
#
# This notebook was written by siren beside the results of `siren analyse`. It reads their tables, draws
# them anew, and is the place to ask your own questions: which blocks come and go together, which volumes
# hold what, and which particles these are made from.
#
# It needs numpy, pandas and matplotlib, and nothing of siren: `jupyter lab analysis.ipynb`, then *Run, Run
# All Cells*. Change whatever you like; siren leaves a changed notebook as it is.

# %%
import json
import shlex
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

# The folder of this notebook. Jupyter starts there; elsewhere, give its path.
FOLDER = Path(".")
# Folder of the blocks' files and of the maps, seen from FOLDER; None where the analysis is of a table alone.
RESULTS = {{results}}
MAPS = {{maps}}
# What siren calls the run on the command line, seen from FOLDER.
RUN = {{run}}
# Each block's colour in all pictures.
COLOURS = {{colours}}

if not (FOLDER / "occupancy.csv").exists():
    raise FileNotFoundError(
        f"There is no occupancy.csv in {FOLDER.resolve()}: set FOLDER to the folder of this notebook"
    )

# %% [markdown]
# ## The tables
#
# `occupancy` has a row for each volume and a column for each block or mask (region): the share of its voxels
# that are there, 0 to 1 (or the density under a mask). `volumes` says to which cluster a volume belongs and
# whether it looks like junk; `regions` from which occupancy on a region counts as present.

# %%
def read_table(name, **options):
    """A table in which names are texts, and only empty cells are missing values."""
    texts = dict.fromkeys(["map_file", "region", "region_a", "region_b", "needs", "exclusive", "direct"], str)
    return pd.read_csv(FOLDER / name, dtype=texts, keep_default_na=False, na_values=[""], **options)


occupancy = read_table("occupancy.csv", index_col="map_file")
volumes = read_table("volumes.csv", index_col="map_file")
regions = read_table("regions.csv", index_col="region")
pairs = read_table("block_pairs.csv")
dependencies = read_table("dependencies.csv")

present = occupancy >= regions["cutoff"].reindex(occupancy.columns)
print(f"{len(occupancy)} volumes, {occupancy.shape[1]} regions, {volumes['cluster'].nunique()} clusters")
regions

# %% [markdown]
# ## Occupancies
#
# Each column is a volume, each row a region, in the order of the two trees, so that neighbours are alike. The
# stripe below tells the clusters.

# %%
by_volume = volumes.sort_values("place").index
by_region = regions.sort_values("place").index
ordered = occupancy.loc[by_volume, by_region].T

figure, (heat, stripe) = plt.subplots(
    2, 1, figsize=(10, 1.6 + 0.28 * len(by_region)), sharex=True, layout="constrained",
    gridspec_kw={"height_ratios": [max(1, len(by_region)), 0.6]},
)
top = max(1.0, float(ordered.to_numpy().max()))
image = heat.imshow(ordered, aspect="auto", interpolation="nearest", cmap="viridis", vmin=0, vmax=top)
heat.set_yticks(range(len(by_region)), by_region)
heat.set_title("occupancy")
figure.colorbar(image, ax=heat, pad=0.01)
stripes = (volumes.loc[by_volume, "cluster"] - 1) % 20
stripe.imshow([stripes], aspect="auto", interpolation="nearest", cmap="tab20", vmin=0, vmax=19)
stripe.set_yticks([0], ["cluster"])
stripe.set_xlabel("volumes")
plt.show()

# %% [markdown]
# How often each region is there, and how clearly: two heaps mean that it comes and goes as a whole. The dashed
# line is the cutoff from which on it counts as present.

# %%
columns = 4
rows = -(-len(occupancy.columns) // columns)
figure, panels = plt.subplots(
    rows, columns, figsize=(11, 2.1 * rows), squeeze=False, layout="constrained"
)
for panel, name in zip(panels.flat, occupancy.columns):
    panel.hist(occupancy[name], bins=25, color=COLOURS.get(name, "#555555"))
    panel.axvline(regions.loc[name, "cutoff"], color="black", linestyle="--", linewidth=1)
    panel.set_title(f"{name}: in {int(present[name].sum())} of {len(occupancy)}", fontsize=9)
for panel in panels.flat[len(occupancy.columns):]:
    panel.axis("off")
plt.show()

# %% [markdown]
# Mean occupancy in each cluster of volumes.

# %%
clusters = occupancy.groupby(volumes["cluster"]).mean()
clusters.insert(0, "volumes", volumes["cluster"].value_counts().sort_index())
clusters.round(2)

# %% [markdown]
# ## The blocks in space
#
# Projections of each block in its colour, over the consensus: the share of volumes in which each voxel is
# occupied. (For a view in 3-D, open `open_blocks.cxc` in ChimeraX, or the report that `siren report` writes.)

# %%
def read_mrc(path):
    """A map as an array (z, y, x), and its voxel size in Angstrom."""
    data = Path(path).read_bytes()
    order = ">" if data[212:214] == b"\x11\x11" else "<"
    nx, ny, nz, mode = np.frombuffer(data, order + "i4", 4)
    kinds = {0: "i1", 1: "i2", 2: "f4", 6: "u2", 12: "f2"}
    extended = int(np.frombuffer(data, order + "i4", 1, 92)[0])
    values = np.frombuffer(data, order + kinds[int(mode)], int(nx) * int(ny) * int(nz), 1024 + extended)
    cell = float(np.frombuffer(data, order + "f4", 1, 40)[0])
    return values.reshape(nz, ny, nx).astype("f4"), cell / int(nx)


def project(volume, axis):
    """A map seen along an axis of its array (0 is z), with the second axis upwards."""
    return volume.mean(axis=axis)


blocks = {}
if RESULTS is not None:
    consensus, apix = read_mrc(FOLDER / RESULTS / "consensus.mrc")
    for number, voxels in json.loads((FOLDER / RESULTS / "blocks.json").read_text()).items():
        mask = np.zeros(consensus.size, bool)
        mask[voxels] = True  # flat indices: (z * box + y) * box + x
        blocks[f"b{number}"] = mask.reshape(consensus.shape)
    print(f"{len(blocks)} blocks in a box of {consensus.shape[0]} voxels of {apix:.3g} A")

# %%
def draw_block(panel, name, axis):
    """A block in its colour over the consensus."""
    panel.imshow(project(consensus, axis), origin="lower", cmap="Greys")
    depth = project(blocks[name], axis)
    layer = np.zeros(depth.shape + (4,))
    layer[..., :3] = plt.matplotlib.colors.to_rgb(COLOURS.get(name, "#d55e00"))
    layer[..., 3] = np.where(depth > 0, 0.35 + 0.65 * depth / max(depth.max(), 1e-9), 0)
    panel.imshow(layer, origin="lower")
    panel.set_xticks([])
    panel.set_yticks([])


if blocks:
    names = list(blocks)
    figure, panels = plt.subplots(
        len(names), 3, figsize=(7, 2.3 * len(names)), squeeze=False, layout="constrained"
    )
    for row, name in zip(panels, names):
        for panel, axis, title in zip(row, (0, 1, 2), ("along z", "along y", "along x")):
            draw_block(panel, name, axis)
            if name == names[0]:
                panel.set_title(title, fontsize=9)
        row[0].set_ylabel(f"{name}\n{int(blocks[name].sum())} voxels", fontsize=9)
    plt.show()
else:
    print("The analysis is of a table alone: there are no blocks to draw.")

# %% [markdown]
# ## Together and apart
#
# Phi is 1 for two regions that are always present together, -1 for two that exclude each other, and 0 where
# one says nothing of the other. Below are the pairs that exclude each other, and the order of assembly: `region` is
# (nearly) never seen without what it `needs`.

# %%
phi = pd.DataFrame(np.eye(len(by_region)), index=by_region, columns=by_region)
for pair in pairs.itertuples():
    phi.loc[pair.region_a, pair.region_b] = phi.loc[pair.region_b, pair.region_a] = pair.phi

side = 2.5 + 0.32 * len(by_region)
figure, panel = plt.subplots(figsize=(side, side), layout="constrained")
image = panel.imshow(phi, cmap="RdBu_r", vmin=-1, vmax=1)
panel.set_xticks(range(len(by_region)), by_region, rotation=90)
panel.set_yticks(range(len(by_region)), by_region)
figure.colorbar(image, ax=panel, shrink=0.7, label="phi")
plt.show()

# %%
excluding = pairs[pairs["exclusive"] == "true"]
excluding[["region_a", "region_b", "both", "only_a", "only_b", "expected", "q_apart"]]

# %%
direct = dependencies[dependencies["direct"] == "true"]
direct[["region", "needs", "volumes", "exceptions", "q"]]

# %% [markdown]
# ## The volumes as points
#
# The first two principal components of the occupancies, by cluster; crosses are volumes that look like junk.

# %%
scores = [name for name in ("pc1", "pc2") if name in volumes]
if len(scores) == 2:
    figure, panel = plt.subplots(figsize=(7, 5), layout="constrained")
    colours = plt.get_cmap("tab20")
    for cluster, group in volumes.groupby("cluster"):
        colour = colours((cluster - 1) % 20)
        panel.scatter(group["pc1"], group["pc2"], s=14, color=colour, label=f"cluster {cluster}")
    junk = volumes[volumes["junk"].notna()]
    if len(junk) > 0:
        panel.scatter(junk["pc1"], junk["pc2"], s=60, marker="x", color="black", label="junk")
    panel.set_xlabel("pc1")
    panel.set_ylabel("pc2")
    panel.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    plt.show()
else:
    print("There is a single component: nothing to draw.")

# %% [markdown]
# ## Pick volumes
#
# Change the condition: `picked` is any selection of rows of `occupancy`. With `query`, conditions read as
# `occupancy.query("b0 > 0.8 and b3 < 0.1")`; names that are no single words stand between backticks.

# %%
first = occupancy.columns[0]
picked = occupancy[(occupancy[first] >= regions.loc[first, "cutoff"]) & volumes["junk"].isna()]
print(f"{len(picked)} of {len(occupancy)} volumes hold {first} and are no junk")
picked.describe().loc[["mean", "min", "max"]].round(2)

# %% [markdown]
# The list goes to a file, one name to a line. `siren particles` finds the particles of these volumes in
# cryoDRGN's or tomoDRGN's folder.

# %%
selected = FOLDER / "selected_volumes.txt"
selected.write_text("".join(f"{name}\n" for name in picked.index), encoding="utf-8")
print(f"{selected}: {len(picked)} volumes\n")
print("Their particles, with cryoDRGN's folder in place of CRYODRGN:")
print(f"  siren particles --volumes {shlex.quote(str(selected))} --cryodrgn CRYODRGN --outdir picked")
if RUN is not None:
    print("The same volumes without this notebook:")
    condition = f'"{first}" >= {float(regions.loc[first, "cutoff"])}'
    print(f"  siren volumes {shlex.quote(RUN)} --where {shlex.quote(condition)} --no_junk")

# %% [markdown]
# The mean of some picked maps beside the mean of some others, along z.

# %%
def mean_map(names, most=20):
    """The mean of the first maps of a list, or None where there are none."""
    maps = [read_mrc(FOLDER / MAPS / name)[0] for name in list(names)[:most]]
    return np.mean(maps, axis=0) if maps else None


others = occupancy.index.difference(picked.index, sort=False)
readable = MAPS is not None and all(
    (FOLDER / MAPS / name).exists() and not name.endswith(".gz") for name in occupancy.index
)
if readable:
    means = {"picked": mean_map(picked.index), "others": mean_map(others)}
    figure, panels = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
    for panel, (title, mean) in zip(panels, means.items()):
        panel.axis("off")
        panel.set_title(title)
        if mean is not None:
            panel.imshow(project(mean, 0), origin="lower", cmap="Greys")
    plt.show()
else:
    print("The maps are not where they were, or are gzipped: there is nothing to draw.")
