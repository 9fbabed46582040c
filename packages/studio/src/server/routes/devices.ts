import { probeDevices } from '@maskloom/runtime';
import { z } from 'zod';
import type { Server } from '../server.js';
import type { Desk } from '../desk.js';
import { failureSchema } from '../errors.js';

const deviceEntry = z.object({
  device: z.string(),
  available: z.boolean().describe('a model really ran on it'),
  reason: z.string().optional().describe('why it is not available'),
  remedy: z.string().optional().describe('what would make it available'),
});

/** Where systems can run, as `maskloom doctor` finds it out. */
export function addDevices(app: Server, { device, findDevice }: Desk): void {
  app.get(
    '/api/devices',
    {
      schema: {
        summary: 'Where systems can run: each device is tried the first time',
        response: {
          200: z.object({
            own: z.string().describe('the device of systems that name none'),
            devices: z.array(deviceEntry),
          }),
          '4xx': failureSchema,
        },
      },
    },
    async () => {
      const [own, reports] = await Promise.all([findDevice(device), probeDevices()]);
      const devices = reports.map(({ device: name, available, reason, remedy }) => ({
        device: name,
        available,
        ...(reason === undefined ? {} : { reason }),
        ...(remedy === undefined ? {} : { remedy }),
      }));
      return { own, devices };
    },
  );
}
