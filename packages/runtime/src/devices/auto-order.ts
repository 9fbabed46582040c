import type { Device } from '@maskloom/core';

/**
 * The devices that `auto` tries, best first; `cpu` always ends the list.
 * @param platform - as `process.platform` has it
 */
export function autoOrder(platform: NodeJS.Platform): readonly Device[] {
  switch (platform) {
    case 'darwin':
      return ['coreml', 'webgpu', 'cpu'];
    case 'win32':
      return ['dml', 'webgpu', 'cpu'];
    default:
      return ['cuda', 'webgpu', 'cpu'];
  }
}
