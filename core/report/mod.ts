/**
 * What a run reports: tables, pictures, scripts and pickles of blocks.
 *
 * @module
 */
export * from "./axes.ts";
export * from "./block_markers.ts";
export * from "./block_table.ts";
export * from "./chimerax.ts";
export * from "./colours.ts";
export * from "./drawing.ts";
export * from "./graph_picture.ts";
export * from "./pack_scene.ts";
export * from "./packed_scene.ts";
export * from "./notebook.ts";
export * from "./page.ts";
export * from "./page_data.ts";
export * from "./pickle.ts";
export * from "./pictures.ts";
export * from "./projections.ts";
export * from "./scene.ts";
export * from "./script_template.ts";
export * from "./volume_scripts.ts";
