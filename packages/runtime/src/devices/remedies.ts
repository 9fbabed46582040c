import type { Device } from '@maskloom/core';

/**
 * The command that adds CUDA. The npm package leaves CUDA's libraries out (too large for the
 * registry); its own script fetches them from NuGet. Called directly, because npm skips install
 * scripts that are not allowed by name, and `.npmrc` may say `onnxruntime-node-install=skip`.
 */
export const CUDA_INSTALL_COMMAND =
  'node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12';

/** What would make a device available here. */
export function remedyFor(device: Device, platform: string): string {
  switch (device) {
    case 'cpu':
      return 'Reinstall onnxruntime-node for this platform.';
    case 'cuda':
      return platform === 'linux/x64'
        ? `Run \`${CUDA_INSTALL_COMMAND}\` (needs access to NuGet), and install the NVIDIA driver, CUDA 12 and cuDNN 9.`
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
