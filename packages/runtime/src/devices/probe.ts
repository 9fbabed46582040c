import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Device } from '@maskloom/core';
import { noTelemetry } from '../engine/no-telemetry.js';
import { findOnnxRuntime, nativeFolder, type OnnxRuntimeBuild } from '../native/find-onnx-runtime.js';
import { examineCuda } from './cuda/examine-cuda.js';
import type { DeviceReport } from './device-report.js';
import { graphicsHardware } from './graphics-hardware.js';
import { explainMissing } from '../native/missing-onnx-runtime.js';
import { remedyFor } from './remedies.js';

/** What the child process found. */
export interface ProbeAnswer {
  readonly ran: boolean;
  readonly reason?: string;
}

const ALL: readonly Device[] = ['cpu', 'cuda', 'coreml', 'dml', 'webgpu'];
const TIMEOUT_MS = 60_000;

/** Reports of this process; hardware does not change under it. */
const KNOWN = new Map<Device, Promise<DeviceReport>>();

/**
 * Tries every device by running a tiny model on it, each in a child process.
 * @returns one report per device: available, or why not and what to do
 */
export function probeDevices(): Promise<readonly DeviceReport[]> {
  return Promise.all(ALL.map(probeDevice));
}

/** Tries one device; the answer is remembered for the life of the process. */
export function probeDevice(device: Device): Promise<DeviceReport> {
  const known = KNOWN.get(device);
  if (known !== undefined) return known;
  const fresh = examine(device);
  KNOWN.set(device, fresh);
  return fresh;
}

async function examine(device: Device): Promise<DeviceReport> {
  const platform = `${process.platform}/${process.arch}`;
  const unavailable = (reason: string, remedy = remedyFor(device, platform)): DeviceReport => ({
    device,
    available: false,
    reason,
    remedy,
  });
  const search = findOnnxRuntime();
  if (search.build === undefined) {
    const { reason, remedy } = explainMissing(search);
    return unavailable(reason, remedy);
  }
  const obstacle = knownObstacle(device, platform, search.build);
  if (obstacle !== undefined) return unavailable(obstacle);
  const answer = await runChild(device);
  if (!answer.ran) return unavailable(answer.reason ?? 'it did not run');
  const software = device === 'webgpu' && !graphicsHardware();
  return { device, available: true, ...(software && { software }) };
}

/** What can be told without starting anything. */
function knownObstacle(device: Device, platform: string, build: OnnxRuntimeBuild): string | undefined {
  if (device === 'coreml' && process.platform !== 'darwin') return 'only on macOS';
  if (device === 'dml' && process.platform !== 'win32') return 'only on Windows';
  if (device === 'cuda' && platform !== 'linux/x64') return 'only on Linux x64';
  // Also where all is there the trial decides.
  return device === 'cuda' ? examineCuda({ native: nativeFolder(build) }).obstacle : undefined;
}

function runChild(device: Device): Promise<ProbeAnswer> {
  noTelemetry();
  const script = fileURLToPath(new URL('./probe-child.js', import.meta.url));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, device],
      { timeout: TIMEOUT_MS, execArgv: [] } as object,
      (error, stdout, stderr) => {
        const line = String(stdout).trim().split('\n').at(-1) ?? '';
        if (line.startsWith('{')) {
          const answer = JSON.parse(line) as ProbeAnswer;
          resolve(answer.ran ? answer : { ran: false, reason: explain(answer.reason ?? '', String(stderr)) });
        } else if (error?.killed === true)
          resolve({ ran: false, reason: `no answer within ${TIMEOUT_MS / 1000} s` });
        else
          resolve({
            ran: false,
            reason: `trying it ended the process (${error?.signal ?? `code ${error?.code}`})`,
          });
      },
    );
  });
}

/** The telling part of a native message: without source paths and stack frames. */
function explain(message: string, stderr: string): string {
  const vulkan = /Couldn't load Vulkan: (\S+)/.exec(stderr)?.[1];
  if (vulkan !== undefined) return `the Vulkan loader ${vulkan.replace(/:$/, '')} is not installed`;
  const last = message.split('\n').find((line) => line.trim() !== '') ?? message;
  return last
    .replace(/^.*was false\. /, '')
    .split(' ')
    .filter((word) => !(word.includes('/') && /\.cc:\d+$/.test(word)))
    .join(' ')
    .trim();
}
