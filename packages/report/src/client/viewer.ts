// What pages outside of this package build on: pictures with masks that zoom and pan together.
export { type CellView, type SceneImage } from './cell-view.js';
export type { Detail } from './detail.js';
export type { CellData, MapData, PointsData, SegmentData } from './data.js';
export { createRowView, type RowView } from './row-view.js';
export { createSettings, type Settings, type SettingsStore } from './settings.js';
export { NO_MARKS, type Marks } from './marks.js';
export type { PointerTool } from './pointer-tool.js';
export { place, FIT, type Placement, type Viewport } from './viewport.js';
export { segmentColour } from './palette.js';
export { passes } from './filter.js';
