import { probeDevice, probeDevices } from '@maskloom/runtime';
import { describe, expect, it } from 'vitest';
import { autoOrder } from './auto-order.js';

describe('probeDevices', () => {
  it('runs a model on each device, or says why not and what would help', async () => {
    const reports = await probeDevices();
    expect(reports.map((report) => report.device)).toEqual(['cpu', 'cuda', 'coreml', 'dml', 'webgpu']);
    expect(reports[0]).toEqual({ device: 'cpu', available: true });
    for (const report of reports) {
      if (report.available) continue;
      expect(report.reason).toMatch(/\S/);
      expect(report.remedy).toMatch(/\S/);
    }
    const foreign = reports.find(
      (report) => report.device === (process.platform === 'darwin' ? 'dml' : 'coreml'),
    );
    expect(foreign?.reason).toMatch(/^only on/);
  });

  it('asks once per process', () => {
    expect(probeDevice('cpu')).toBe(probeDevice('cpu'));
  });
});

describe('autoOrder', () => {
  it.each(['linux', 'darwin', 'win32', 'freebsd'] as const)('ends with the CPU on %s', (platform) => {
    expect(autoOrder(platform).at(-1)).toBe('cpu');
    expect(new Set(autoOrder(platform)).size).toBe(autoOrder(platform).length);
  });
});
