export { clipTower } from './tower.js';
export { siglipTower } from './siglip-tower.js';
export { readSiglipPreset, type SiglipPreset } from './siglip-preset.js';
export { clipDense, type DenseTowerOptions } from './dense.js';
export { siglipDense } from './siglip-dense.js';
export {
  clipText,
  sentenceText,
  siglipText,
  type TextEmbedderFactory,
  type TextEmbedderOptions,
} from './text/text-embedders.js';
export { TOWERS as NAMING_TOWERS } from './naming/towers.js';
export { maskNames, type MaskNamesOptions } from './naming/mask-names.js';
export { clipPlugin } from './plugin.js';
