/**
 * Analysis of occupancies: clusters, co-occupancy, assembly order, components, junk.
 *
 * @module
 */
export * from "./analysis.ts";
