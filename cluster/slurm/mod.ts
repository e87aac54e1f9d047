/**
 * Runs on Slurm clusters.
 *
 * @module
 */
export { cancelRun, refreshRun, taskLog, watchRun } from "./attend.ts";
export {
  type Client,
  type ClusterChoice,
  JobsUnderWay,
  Planned,
  type StagePlan,
  type Submission,
} from "./choice.ts";
export { readSiteFile, type SiteFile } from "./files.ts";
export { type Check, checkCluster } from "./check.ts";
export { type Installed, type InstallOptions, installSiren } from "./install.ts";
export {
  defaultProfilesPath,
  type Profile as ClusterProfile,
  ProfileSchema as ClusterProfileSchema,
  readProfile,
  readProfiles,
} from "./profile.ts";
export { profilesText } from "./profile_init.ts";
export { clusterUse, runTasks, type Seen } from "./tasks.ts";
export { type Cluster, openCluster, type Site, type Telling } from "./site.ts";
export type { ClusterUse, StageUse, TaskLine } from "./status.ts";
