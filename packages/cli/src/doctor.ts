import { MaskloomError } from '@maskloom/core';
import {
  CUDA_INSTALL_COMMAND,
  autoOrder,
  findOnnxRuntime,
  probeDevices,
  type DeviceReport,
  type OnnxRuntimeSearch,
} from '@maskloom/runtime';
import { listBundles, type BundleSummary } from './bundles/list-bundles.js';

/** What `maskloom doctor` finds out. */
export interface DoctorReport {
  /** Version of Node. */
  readonly node: string;
  /** Operating system and processor. */
  readonly platform: string;
  /** The build of ONNX Runtime that is loaded, and installed ones that are not. */
  readonly onnxRuntime: OnnxRuntimeSearch;
  /** Every device: available, or why not and what would help. */
  readonly devices: readonly DeviceReport[];
  /** What `--device auto` tries here, best first. */
  readonly auto: readonly string[];
  /** The command that adds CUDA. */
  readonly cudaCommand: string;
  /** The embedded bundles, or why one cannot be used. */
  readonly bundles:
    | readonly BundleSummary[]
    | {
        /** The error's code. */
        readonly code: string;
        /** The error's message. */
        readonly message: string;
      };
  /** True when everything needed to run is there. */
  readonly healthy: boolean;
}

/** Looks at this machine: Node, devices (each is really tried) and the embedded bundle. */
export async function examineMachine(): Promise<DoctorReport> {
  const devices = await probeDevices();
  const bundles = await listBundles().catch((error: unknown) => ({
    code: MaskloomError.is(error) ? error.code : 'INTERNAL',
    message: error instanceof Error ? error.message : String(error),
  }));
  return {
    node: process.version,
    platform: `${process.platform}/${process.arch}`,
    onnxRuntime: findOnnxRuntime(),
    devices,
    auto: autoOrder(process.platform),
    cudaCommand: CUDA_INSTALL_COMMAND,
    bundles,
    healthy: Array.isArray(bundles) && devices.some((device) => device.device === 'cpu' && device.available),
  };
}
