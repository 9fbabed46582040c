export type { StudioExample } from './pictures/named-pictures.js';
export { startStudio, type Studio, type StudioOptions } from './start-studio.js';
export type { StudioBundle } from './systems/models.js';
