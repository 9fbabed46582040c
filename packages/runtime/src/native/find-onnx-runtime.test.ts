import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOnnxRuntime, ONNX_RUNTIME_VERSION, platformPackage } from './find-onnx-runtime.js';
import { explainMissing, missingOnnxRuntime } from './missing-onnx-runtime.js';

describe('findOnnxRuntime', () => {
  let folder: string;
  let search: () => ReturnType<typeof findOnnxRuntime>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maskloom-native-'));
    search = () => findOnnxRuntime(join(folder, 'index.js'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const install = async (name: string, version: string) => {
    const place = join(folder, 'node_modules', name);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'package.json'), JSON.stringify({ name, version }));
    return { package: name, version, folder: place };
  };

  it("takes the platform's package", async () => {
    const build = await install(platformPackage(), ONNX_RUNTIME_VERSION);
    expect(search()).toEqual({ build, passedOver: [] });
  });

  it('takes onnxruntime-node first, which a user added for CUDA', async () => {
    await install(platformPackage(), ONNX_RUNTIME_VERSION);
    const build = await install('onnxruntime-node', ONNX_RUNTIME_VERSION);
    expect(search()).toEqual({ build, passedOver: [] });
  });

  it('passes over another version of onnxruntime-node, brought by another library', async () => {
    const other = await install('onnxruntime-node', '1.22.0');
    const build = await install(platformPackage(), ONNX_RUNTIME_VERSION);
    expect(search()).toEqual({ build, passedOver: [other] });
  });

  it('says what is missing, what is there instead, and what to run', async () => {
    expect(search()).toEqual({ passedOver: [] });
    await install('onnxruntime-node', '1.22.0');
    const { reason, remedy } = explainMissing(search());
    expect(reason).toBe(
      `ONNX Runtime ${ONNX_RUNTIME_VERSION} is not installed; onnxruntime-node 1.22.0 is installed, ` +
        `and every figure stands on ${ONNX_RUNTIME_VERSION}`,
    );
    expect(remedy).toContain(`npm install ${platformPackage()}@${ONNX_RUNTIME_VERSION}`);
    expect(missingOnnxRuntime(search())).toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
  });
});
