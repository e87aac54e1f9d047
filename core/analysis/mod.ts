/**
 * Analysis of occupancies: clusters, co-occupancy, assembly order, components, junk.
 *
 * @module
 */
export * from "./analyse.ts";
export * from "./analysis.ts";
export * from "./components.ts";
export * from "./cut_tree.ts";
export * from "./dependencies.ts";
export * from "./distances.ts";
export * from "./hierarchy.ts";
export * from "./junk.ts";
export * from "./leaf_order.ts";
export * from "./pair_statistics.ts";
export * from "./presence.ts";
export * from "./volume_overlaps.ts";
export * from "./where.ts";
