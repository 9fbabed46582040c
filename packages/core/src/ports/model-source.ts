import type { ModelHost } from './model-host.js';

/**
 * Where pipelines get their models: a checked bundle on a device. The runtime package's `onnx(...)` is one.
 * Hosts opened from one source share sessions; tensors of one host are valid inputs for another of the same source.
 */
export interface ModelSource {
  /**
   * Opens the models of one recipe.
   * @param recipeId - `system/name` as the bundle knows it
   * @param signal - abandons the opening
   * @throws MaskloomError BUNDLE_*, DEVICE_*, RECIPE_UNKNOWN naming those in the bundle, ABORTED
   */
  open(recipeId: string, signal?: AbortSignal): Promise<ModelHost>;
}
