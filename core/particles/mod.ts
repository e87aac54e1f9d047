/**
 * Particles of volumes: from cryoDRGN's and tomoDRGN's folders to indices and to parts of .star and .cs files.
 *
 * @module
 */
export * from "./cs_subset.ts";
export * from "./drgn_folder.ts";
export * from "./integers.ts";
export * from "./landscape.ts";
export * from "./nearest.ts";
export * from "./npy_header.ts";
export * from "./numbering.ts";
export * from "./select_particles.ts";
export * from "./star_reader.ts";
export * from "./star_subset.ts";
export * from "./training.ts";
export * from "./volume_list.ts";
