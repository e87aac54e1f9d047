/**
 * Files of weights: PyTorch's `.pth` and `.safetensors`.
 *
 * @module
 */
export * from "./description.ts";
export * from "./weights_file.ts";
export type { Dtype, StoredTensor } from "./stored_tensor.ts";
export type { StoredAdam, StoredWeights, WeightsKind } from "./stored_weights.ts";
