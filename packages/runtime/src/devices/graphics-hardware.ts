import { existsSync, readdirSync } from 'node:fs';

/**
 * Whether this machine has a graphics device of its own. ONNX Runtime does not say which adapter
 * WebGPU found; on Linux a driver that computes on the CPU (SwiftShader, lavapipe) has no device node,
 * and is named by the variables that point Vulkan at it.
 */
export function graphicsHardware(): boolean {
  if (process.platform !== 'linux') return true;
  const chosen = `${process.env['VK_DRIVER_FILES'] ?? ''}${process.env['VK_ICD_FILENAMES'] ?? ''}`;
  if (/swiftshader|lvp_icd|lavapipe/i.test(chosen)) return false;
  return hasRenderNode() || existsSync('/dev/nvidiactl') || existsSync('/dev/dxg');
}

function hasRenderNode(): boolean {
  try {
    return readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
  } catch {
    return false;
  }
}
