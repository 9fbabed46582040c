import { cp, open, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { full, points } from '@maskloom/read';
import { folderBundle, onnx, verifyBundle, type OnnxSource } from '@maskloom/runtime';
import { ASK, everyStage, sceneImage, temporaryFolder } from './workbench.js';

const MODEL = 'read-full/seg-projection.onnx';

/** A source over a bundle that changes under it. */
const sourceOf = (folder: string): OnnxSource =>
  onnx({ bundle: folderBundle(folder), device: 'cpu', threads: 1 });

describe('a bundle that is damaged between two runs', () => {
  let place: Awaited<ReturnType<typeof temporaryFolder>>;
  let folder: string;
  const file = (name: string): string => join(folder, name);
  const mend = (name: string): Promise<void> => cp(new URL(name, bundleDirectory), file(name));

  beforeAll(async () => {
    place = await temporaryFolder();
    folder = join(place.path, 'bundle');
    await cp(bundleDirectory, folder, { recursive: true });
  });
  beforeEach(async () => {
    await rm(file(MODEL), { force: true });
    await mend(MODEL);
    await mend('bundle.json');
    expect(await verifyBundle(folder)).toEqual([]);
  });
  afterAll(() => place[Symbol.asyncDispose]());

  const faults: readonly [string, string, () => Promise<void>][] = [
    ['cut short', 'BUNDLE_HASH_MISMATCH', async () => truncate(file(MODEL), 100)],
    ['emptied', 'BUNDLE_HASH_MISMATCH', async () => truncate(file(MODEL), 0)],
    ['of the same size with one bit turned', 'BUNDLE_HASH_MISMATCH', () => turnBit(file(MODEL))],
    ['gone', 'BUNDLE_FILE_MISSING', () => rm(file(MODEL))],
    ['a link out of the folder', 'BUNDLE_PATH_ESCAPE', () => replaceByLink(file(MODEL))],
    ['with a manifest cut short', 'BUNDLE_INVALID', async () => truncate(file('bundle.json'), 1000)],
    ['with an empty manifest', 'BUNDLE_INVALID', async () => writeFile(file('bundle.json'), '')],
    ['without a manifest', 'BUNDLE_NOT_FOUND', () => rm(file('bundle.json'))],
  ];
  it.each(faults)('%s is refused as %s, and works again when mended', async (_, code, damage) => {
    await using before = sourceOf(folder);
    await using first = await everyStage(full).on(before).build();
    expect((await first.segment(sceneImage(), ASK)).segments).toHaveLength(1);

    await damage();
    // What is open stays open and right.
    expect((await first.segment(sceneImage(8_940_001), ASK)).segments).toHaveLength(1);
    await using after = sourceOf(folder);
    await expect(everyStage(full).on(after).build()).rejects.toMatchObject({ code });
    expect((await verifyBundle(folder)).map((finding) => finding.code)).toContain(code);

    await rm(file(MODEL), { force: true });
    await mend(MODEL);
    await mend('bundle.json');
    await using again = await everyStage(full).on(after).build();
    expect((await again.segment(sceneImage(), ASK)).segments).toHaveLength(1);
  });

  it('is refused by name when a model is cut short after the check and before it is opened', async () => {
    await using models = sourceOf(folder);
    await using first = await everyStage(points).on(models).build();
    await truncate(file(MODEL), 100);
    await expect(everyStage(full).on(models).build()).rejects.toMatchObject({
      code: expect.stringMatching(/^(MODEL_LOAD_FAILED|BUNDLE_HASH_MISMATCH)$/),
    });
    expect((await first.segment(sceneImage(), ASK)).segments).toHaveLength(1);
    expect(models.liveTensors).toBe(0);
  });
});

async function turnBit(path: string): Promise<void> {
  const { size } = await stat(path);
  const file = await open(path, 'r+');
  try {
    const byte = new Uint8Array(1);
    await file.read(byte, 0, 1, size >> 1);
    await file.write(Uint8Array.of((byte[0] ?? 0) ^ 1), 0, 1, size >> 1);
  } finally {
    await file.close();
  }
}

async function replaceByLink(path: string): Promise<void> {
  await rm(path);
  await symlink(new URL(MODEL, bundleDirectory), path);
}
