import type { ModelPort } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { checkShapes } from './check-shapes.js';
import type { BundleManifest, BundleModel } from './manifest.js';

type Shape = (string | number)[];
const ports = (shapes: Record<string, Shape>): ModelPort[] =>
  Object.entries(shapes).map(([name, shape]) => ({ name, dtype: 'float32', shape }));
const model = (inputs: Record<string, Shape>, outputs: Record<string, Shape>): BundleModel =>
  ({
    file: 'x',
    bytes: 1,
    sha256: '',
    dtype: 'float32',
    inputs: ports(inputs),
    outputs: ports(outputs),
  }) as BundleModel;

function manifest(
  change: { projected?: number; clipSide?: number; kernel?: Shape; pixels?: Record<string, Shape> } = {},
): BundleManifest {
  const models = {
    encoder: model(change.pixels ?? { pixel_values: ['B', 3, 128, 128] }, {
      image_embeddings: ['B', 64, 16, 16],
    }),
    tower: model({ pixel_values: ['B', 3, 96, 96] }, { patch_features: ['B', 'L', 80] }),
    seg: model({ hidden: ['N', 192] }, { embeddings: ['N', 1, change.projected ?? 64] }),
    own: model({ anything: change.kernel ?? [7, 7] }, { result: ['N'] }),
  };
  return {
    schema: 'maskloom.bundle/1',
    name: 'x',
    version: '1',
    license: 'x',
    origin: {},
    models,
    presets: { sam: { imageSize: 128, embedDim: 64 }, clip: { imageSize: 96 }, llava: { hidden: 192 } },
    recipes: {
      'a/b': {
        models: { samEncoder: 'encoder', clipTower: 'tower', segProjection: 'seg', custom: 'own' },
        ...(change.clipSide !== undefined && { presets: { clip: { imageSize: change.clipSide } } }),
      },
    },
  };
}

describe('checkShapes', () => {
  it('accepts pieces that fit', () => {
    expect(() => checkShapes(manifest(), 'a/b')).not.toThrow();
  });

  it('names both places when an embedding has the wrong width', () => {
    expect(() => checkShapes(manifest({ projected: 32 }), 'a/b')).toThrow(
      expect.objectContaining({
        code: 'BUNDLE_SHAPE_MISMATCH',
        where: 'bundle.json: models.seg.outputs.embeddings.shape.2',
        message: expect.stringMatching(/32 here and 64 at presets\.sam\.embedDim/),
      }),
    );
  });

  it("uses the recipe's own presets", () => {
    expect(() => checkShapes(manifest({ clipSide: 112 }), 'a/b')).toThrow(
      /models\.tower\.inputs\.pixel_values\.shape\.2/,
    );
  });

  it('needs every port of a known role, with its axes', () => {
    const lacking = manifest({ pixels: { pixels: ['B', 3, 128, 128] } });
    expect(() => checkShapes(lacking, 'a/b')).toThrow(/needs a port 'pixel_values'/);
    const flat = manifest({ pixels: { pixel_values: [3, 128, 128] } });
    expect(() => checkShapes(flat, 'a/b')).toThrow(/needs 4 axes/);
    const grey = manifest({ pixels: { pixel_values: ['B', 1, 128, 128] } });
    expect(() => checkShapes(grey, 'a/b')).toThrow(/must be 3, not 1/);
  });

  it('leaves the roles of other plugins alone', () => {
    expect(() => checkShapes(manifest({ kernel: [1, 2, 3] }), 'a/b')).not.toThrow();
  });
});
