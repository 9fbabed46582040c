import type { Device } from '@maskloom/core';

/** What was found out about one device. */
export interface DeviceReport {
  /** The device that was tried. */
  readonly device: Device;
  /** A model really ran on it. */
  readonly available: boolean;
  /** True when the device answers but computes on the CPU (SwiftShader behind WebGPU): for tests, never chosen by `auto`. */
  readonly software?: boolean;
  /** Why it is not available. */
  readonly reason?: string;
  /** What would make it available: an exact command where there is one. */
  readonly remedy?: string;
}
