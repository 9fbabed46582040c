import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findOnnxRuntime, nativeFolder } from '../../native/find-onnx-runtime.js';
import { neededLibraries } from './elf-needs.js';

it.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
  'reads what a library needs off itself',
  () => {
    const { build } = findOnnxRuntime();
    if (build === undefined) throw new Error('no ONNX Runtime');
    const needs = neededLibraries(join(nativeFolder(build), 'onnxruntime_binding.node'));
    expect(needs).toContain('libonnxruntime.so.1');
    expect(needs).toContain('libc.so.6');
  },
);

it('finds nothing in another kind of file', () => {
  expect(neededLibraries(fileURLToPath(import.meta.url))).toEqual([]);
});
