/**
 * Analysis of occupancies: clusters, co-occupancy, assembly order, components, junk.
 *
 * @module
 */
export * from "./analyse.ts";
export * from "./analysis.ts";
export * from "./analysis_json.ts";
export * from "./assembly_order.ts";
export * from "./assembly_picture.ts";
export * from "./choose_volumes.ts";
export * from "./components.ts";
export * from "./components_picture.ts";
export * from "./cut_tree.ts";
export * from "./dependencies.ts";
export * from "./distances.ts";
export * from "./heat_map.ts";
export * from "./hierarchy.ts";
export * from "./junk.ts";
export * from "./leaf_order.ts";
export * from "./medoids.ts";
export * from "./pair_statistics.ts";
export * from "./pairs_picture.ts";
export * from "./presence.ts";
export * from "./tables.ts";
export * from "./volume_overlaps.ts";
export * from "./where.ts";
