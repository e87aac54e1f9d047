/**
 * Runs: their folders, shards, threads and results.
 *
 * @module
 */
export {
  type AnalysisPlace,
  loadAnalysis,
  type OccupancySource,
  writeAnalysis,
  type WrittenAnalysis,
} from "./analysis.ts";
export { analysisFiles, type AnalysisFilesInput } from "./analysis_files.ts";
export { type ArrowContent, decodeArrow, encodeArrow } from "./arrow_file.ts";
export {
  type ExpandOptions,
  type ExpandOptionsInput,
  ExpandOptionsSchema,
  type SketchOptions,
  type SketchOptionsInput,
  SketchOptionsSchema,
} from "./options.ts";
export { type MaskOptions, MaskOptionsSchema } from "./mask_options.ts";
export type { MaskSource } from "./mask_sources.ts";
export { makeMasks, type MaskCall, type MaskLine, type MaskSummary } from "./masks.ts";
export { molmap, type MolmapCall, type MolmapSummary } from "./molmap.ts";
export { type MolmapOptions, MolmapOptionsSchema } from "./molmap_options.ts";
export { type NetworkRunCall, resumeNetworkRun, runByNetwork } from "./network_run.ts";
export {
  type MeasuredOccupancies,
  measureOccupancies,
  type MeasuringSurroundings,
  type OccupancyFiles,
  writeOccupancies,
} from "./occupancy.ts";
export { type OccupancyOptions, OccupancyOptionsSchema } from "./occupancy_options.ts";
export { writeParticles } from "./particles.ts";
export type { ParticlesCall, VolumeSelection } from "./particles_call.ts";
export { PARTICLE_FILES, type ParticlesSummary, type VolumeParticles } from "./particles_files.ts";
export { preprocess, type PreprocessCall, type PreprocessSummary } from "./preprocess.ts";
export { type BlockSource, readBlockSource } from "./block_source.ts";
export {
  type CompareOptions,
  compareSources,
  comparisonJson,
  type RunDifference,
  type SourceComparison,
} from "./compare.ts";
export { consolidateBlocks, type ConsolidateCall, type ConsolidateSummary } from "./consolidate.ts";
export { type IdBlocksSummary, identifyBlocks } from "./id_blocks.ts";
export {
  type IdBlocksOptions,
  type IdBlocksOptionsInput,
  IdBlocksOptionsSchema,
} from "./id_blocks_options.ts";
export type { IdentifiedRegion } from "./id_blocks_regions.ts";
export type { News, Surroundings } from "./progress.ts";
export { benchEngines, type BenchLine, type BenchOptions } from "./bench.ts";
export type { RunEstimate } from "./estimate.ts";
export {
  makeReport,
  readReport,
  type ReportPlace,
  writeReport,
  type WrittenReport,
} from "./report.ts";
export { estimate, expandCommunities, resumeRun, runAll, sketchCommunities } from "./run.ts";
export { train } from "./train.ts";
export { normaliseEmdbMaps } from "./train_emdb.ts";
export type { TrainingResult } from "./train_files.ts";
export type {
  LabelledFile,
  TrainingJob,
  TrainingPlan,
  TrainingSurroundings,
} from "./train_description.ts";
export { labelledMaps } from "./train_labels.ts";
export { screen, type ScreenCall, type ScreenRow, type ScreenSummary } from "./screen.ts";
export {
  type ScreenOptions,
  type ScreenOptionsInput,
  ScreenOptionsSchema,
} from "./screen_options.ts";
export {
  type SourceSummary,
  stability,
  type StabilityCall,
  type StabilitySummary,
} from "./stability.ts";
export {
  type StabilityOptions,
  type StabilityOptionsInput,
  StabilityOptionsSchema,
} from "./stability_options.ts";
export { type FinishedBlock, type FinishedRun, readFinishedRun } from "./finished_run.ts";
export { type SceneFiles, sceneFiles } from "./scene_files.ts";
export { type ServedPage, servePage } from "./serve_page.ts";
export { runStatus } from "./status.ts";
export type { BlockLine, RunStatus, RunSummary, StageStatus, StageSummary } from "./summary.ts";
