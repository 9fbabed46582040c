export type { StudioAnswer, StudioExample, StudioQuestion } from './pictures/example.js';
export type { Question } from './ask/request-schema.js';
export type { SystemChoice } from './systems/choice.js';
export { isBelow, realRoots } from './pictures/confined.js';
export { startStudio, type Studio, type StudioOptions } from './start-studio.js';
export type { FindDevice } from './systems/devices.js';
export type { TableColumn } from './systems/table.js';
export type { DescriptionReader } from './systems/descriptions.js';
export type { StudioBundle } from './systems/models.js';
