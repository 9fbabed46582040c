import type { Registry } from '@maskloom/core';
import type { PictureStore } from '../pictures/picture-store.js';
import type { DeviceChoice } from '@maskloom/core';
import type { DeviceQueues } from '../queue/device-queues.js';
import type { FindDevice } from '../systems/devices.js';
import type { DescriptionReader } from '../systems/descriptions.js';
import type { TableColumn } from '../systems/table.js';
import type { Models, PlacedDevice } from '../systems/models.js';

/** What the routes work with. */
export interface Desk {
  readonly registry: Registry;
  readonly models: Models;
  readonly pictures: PictureStore;
  readonly queues: DeviceQueues;
  readonly findDevice: FindDevice;
  /** Columns that ablation tables can have; the first is there when none is chosen. */
  readonly columns: readonly [TableColumn, ...TableColumn[]];
  /** Reads descriptions of classes; nobody does when absent. */
  readonly reader: DescriptionReader | undefined;
  /** The device that was asked for. */
  readonly device: DeviceChoice;
  /** The release. */
  readonly version: string;
}

/**
 * Where a system runs: as it says, or as the studio was started.
 * @throws MaskloomError DEVICE_UNAVAILABLE
 */
export async function placeOf(
  { device: own, findDevice }: Pick<Desk, 'device' | 'findDevice'>,
  choice: DeviceChoice = own,
): Promise<PlacedDevice> {
  const device = await findDevice(choice);
  // Named or found, it is the same device: its models are opened once.
  return { device, choice: device === (await findDevice(own).catch(() => undefined)) ? own : choice };
}
