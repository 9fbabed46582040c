import type { Device } from '@maskloom/core';
import { ONNX_RUNTIME_VERSION, platformPackage } from '../native/find-onnx-runtime.js';

/**
 * The command that adds CUDA. The packages in the registry leave CUDA's libraries out, which are too large for it; the script of
 * `onnxruntime-node` fetches them from NuGet. It is called directly: npm 10 would run it during the install and undo the
 * install when the download fails, and npm 12 does not run it unless told to.
 */
export const CUDA_INSTALL_COMMAND =
  `npm install --ignore-scripts onnxruntime-node@${ONNX_RUNTIME_VERSION} && ` +
  'node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12';

/** What would make a device available here. */
export function remedyFor(device: Device, platform: string): string {
  switch (device) {
    case 'cpu':
      return `Reinstall ${platformPackage()}.`;
    case 'cuda':
      return platform === 'linux/x64'
        ? 'Run `npx maskloom doctor --cuda`: it says what is missing and fetches it from PyPI (CUDA 13, NVIDIA driver 580 or newer). ' +
            `Or take NuGet's build: \`${CUDA_INSTALL_COMMAND}\`.`
        : 'CUDA needs Linux on x64; use another device here.';
    case 'webgpu':
      return platform.startsWith('linux')
        ? "Install the Vulkan loader (`apt-get install libvulkan1`) and the vendor's graphics driver."
        : "Install the vendor's current graphics driver.";
    case 'coreml':
      return 'CoreML needs macOS; use another device here.';
    case 'dml':
      return 'DirectML needs Windows; use another device here.';
  }
}
