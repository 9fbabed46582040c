import type { BundleManifest } from './manifest.js';

/** placeholder, replaced below */
export function checkShapes(_manifest: BundleManifest, _recipe: string): void {}
