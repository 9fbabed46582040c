import { DEVICE_CHOICES, type Device, type DeviceChoice } from '@maskloom/core';
import { chooseDevice } from '@maskloom/runtime';
import { z } from 'zod';

/** Where a system runs, as pages and programs say it. */
export const deviceSchema = z.enum(DEVICE_CHOICES as [DeviceChoice, ...DeviceChoice[]]);

/** Finds the device that a choice means here. */
export type FindDevice = (choice: DeviceChoice) => Promise<Device>;

/**
 * The device that a choice means here: the first that answers for `auto`.
 * @throws MaskloomError DEVICE_UNAVAILABLE with the reason that `maskloom doctor` gives
 */
export const findDevice: FindDevice = async (choice) => (await chooseDevice(choice)).devices[0];
