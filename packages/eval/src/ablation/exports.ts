export type {
  Ablation,
  AblationColumn,
  AblationData,
  AblationRow,
  FigureSource,
  MapperOverride,
  Overrides,
  PaperTable,
  PlotPlace,
  RealPart,
  RefineOverride,
  SlotOverride,
  SyntheticPart,
} from './ablation.js';
export { defineAblation } from './define-ablation.js';
export { mergeOverrides, withoutRefinement } from './merge-overrides.js';
export { ablationNamed, shippedAblations } from './shipped.js';
export { withMapper } from './with-mapper.js';
export { figureTables } from './figure-tables.js';
export { askedTasks, evalFigures, evalTable, type EvalFigure, type EvalTableOptions } from './eval-table.js';
export { capabilityTable, capabilityText, type CapabilityRow, type CapabilityTable } from './capabilities.js';
