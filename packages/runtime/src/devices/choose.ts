import { DEVICE_CHOICES, MaskloomError, suggest } from '@maskloom/core';
import type { Device, DeviceChoice } from '@maskloom/core';
import { autoOrder } from './auto-order.js';
import { findOnnxRuntime } from '../native/find-onnx-runtime.js';
import { graphicsHardware } from './graphics-hardware.js';
import { missingOnnxRuntime } from '../native/missing-onnx-runtime.js';
import { probeDevice } from './probe.js';

/** The devices to open models on, best first, and why better ones were passed over. */
export interface DevicePlan {
  /** At least one, best first. */
  readonly devices: readonly [Device, ...Device[]];
  /** `device: reason` of each device that was tried and is not there. */
  readonly passedOver: readonly string[];
}

/**
 * Turns a choice into devices that answer.
 * @throws MaskloomError DEVICE_UNKNOWN; DEVICE_UNAVAILABLE when an explicit device is not there, or ONNX Runtime itself, with
 * what would make it available.
 */
export async function chooseDevice(choice: DeviceChoice): Promise<DevicePlan> {
  if (!DEVICE_CHOICES.includes(choice)) {
    throw new MaskloomError('DEVICE_UNKNOWN', `there is no device '${String(choice)}'`, {
      where: 'device',
      hint: suggest(String(choice), DEVICE_CHOICES),
    });
  }
  const search = findOnnxRuntime();
  if (search.build === undefined) throw missingOnnxRuntime(search);
  if (choice === 'auto') return planAuto();
  // The CPU needs no trial: opening the model is one.
  if (choice !== 'cpu') await requireDevice(choice);
  return { devices: [choice], passedOver: [] };
}

async function requireDevice(device: Device): Promise<void> {
  const report = await probeDevice(device);
  if (report.available) return;
  throw new MaskloomError(
    'DEVICE_UNAVAILABLE',
    `the device '${device}' is not available: ${report.reason ?? 'unknown reason'}.`,
    {
      ...(report.remedy !== undefined && { hint: report.remedy }),
    },
  );
}

/** The first device that answers, with the CPU behind it for models it does not take. */
async function planAuto(): Promise<DevicePlan> {
  const passedOver: string[] = [];
  for (const device of autoOrder(process.platform)) {
    if (device === 'cpu') break;
    const reason = await whyNot(device);
    if (reason === undefined) return { devices: [device, 'cpu'], passedOver };
    passedOver.push(`${device}: ${reason}`);
  }
  return { devices: ['cpu'], passedOver };
}

async function whyNot(device: Device): Promise<string | undefined> {
  // Without hardware there is nothing to gain, and starting a process to find out costs time.
  if (device === 'webgpu' && !graphicsHardware()) return 'no graphics hardware';
  const { available, reason } = await probeDevice(device);
  return available ? undefined : (reason ?? 'not available');
}
