import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { decodeMask } from '@maskloom/core';
import { predictionsSchema, type PredictionRun } from 'maskloom';
import { expect, it } from 'vitest';
import { GOOD, writeImages } from './lib/images.js';
import { maskloom } from './lib/maskloom.js';

/** SwiftShader computes Vulkan on the CPU; Debian's chromium package brings it. */
const DRIVER = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
].find(existsSync);

function pixels(run: PredictionRun | undefined): Uint8Array {
  const segmentation = run?.segments[0]?.segmentation;
  return segmentation === undefined ? new Uint8Array() : decodeMask(segmentation).pixels;
}

it.skipIf(DRIVER === undefined)(
  "compare --device webgpu gives the CPU's masks (needs SwiftShader: apt-get install chromium)",
  { timeout: 900_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maskloom-webgpu-'));
    try {
      await writeImages(folder, { 'a.png': GOOD['plain.png'] as (typeof GOOD)[string] });
      const driver = DRIVER as string;
      const graphics = {
        VK_DRIVER_FILES: driver,
        VK_ICD_FILENAMES: driver,
        XDG_RUNTIME_DIR: folder,
        LD_LIBRARY_PATH: dirname(driver),
      };
      const compare = async (device: string, environment: Readonly<Record<string, string>>) => {
        const args = [
          'compare',
          'a.png',
          '--text',
          'the largest thing',
          '--systems',
          'read/full',
          '--device',
          device,
          '--out',
          device,
          '--json',
        ];
        const { stdout, stderr, code } = await maskloom(args, folder, environment);
        expect([code, stderr]).toEqual([0, expect.any(String)]);
        return predictionsSchema.parse(JSON.parse(stdout)).runs[0];
      };
      const cpu = await compare('cpu', {});
      const webgpu = await compare('webgpu', graphics);
      const devices = new Set(webgpu?.stages.map((stage) => stage.device));
      expect(devices).toEqual(new Set(['webgpu', 'js']));
      const [a, b] = [pixels(cpu), pixels(webgpu)];
      expect(a.length).toBe(160 * 96);
      let intersection = 0;
      let union = 0;
      for (let i = 0; i < a.length; i++) {
        intersection += (a[i] ?? 0) & (b[i] ?? 0);
        union += (a[i] ?? 0) | (b[i] ?? 0);
      }
      expect(union).toBeGreaterThan(0);
      expect(intersection / union).toBeGreaterThanOrEqual(0.99);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
