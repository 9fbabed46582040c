/** A device as asked for. `auto` tries what is installed, in order, and says why it fell back. */
export type DeviceChoice = 'auto' | 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml';

/** A device that really runs. */
export type Device = Exclude<DeviceChoice, 'auto'>;

/** All device choices, for help texts and error messages. */
export const DEVICE_CHOICES: readonly DeviceChoice[] = ['auto', 'cpu', 'webgpu', 'cuda', 'coreml', 'dml'];
