import type { InputSpec } from './model-input.js';
import { withKernel, type ResampleKernel } from './resample/kernel.js';
import type { RowSink } from './resample/resize-rows.js';

/** Bytes of the tables of three channels. */
const TABLES = 3 * 256 * 4;
/** Rows that are looked up at a time. */
const ROWS = 64;

/**
 * Writes rows of pixels into normalised planes.
 * @param data - three planes, `side` rows and columns each; beyond `width` they are left alone
 * @param unit - values are divided by it before the mean is taken away
 * @param work - gets what takes the rows
 */
export function* intoPlanes(
  data: Float32Array,
  width: number,
  spec: InputSpec,
  unit: number,
  work: (sink: RowSink) => Generator<void, void>,
): Generator<void, void> {
  yield* withKernel(TABLES + ROWS * width * (3 + 3 * 4) + 4, (kernel) =>
    work(sinkOf(kernel, data, width, spec.imageSize, tablesOf(spec, unit))),
  );
}

function sinkOf(
  kernel: ResampleKernel,
  data: Float32Array,
  width: number,
  side: number,
  tables: Float32Array,
): RowSink {
  const out = TABLES + Math.ceil((ROWS * width * 3) / 4) * 4;
  const bytes = new Uint8Array(kernel.memory(out + ROWS * width * 3 * 4));
  const floats = new Float32Array(bytes.buffer);
  floats.set(tables);
  const copy = (plane: number, rows: number, y: number): void => {
    const from = out / 4 + plane * rows * width;
    const to = (plane * side + y) * side;
    if (width === side) data.set(floats.subarray(from, from + rows * width), to);
    else
      for (let row = 0; row < rows; row++)
        data.set(floats.subarray(from + row * width, from + (row + 1) * width), to + row * side);
  };
  return (rgb, at, stride, y, count) => {
    for (let done = 0; done < count; done += ROWS) {
      const rows = Math.min(ROWS, count - done);
      for (let row = 0; row < rows; row++) {
        const start = at + (done + row) * stride;
        bytes.set(rgb.subarray(start, start + width * 3), TABLES + row * width * 3);
      }
      kernel.call.planes(TABLES, width * 3, rows, width, 0, out);
      for (let plane = 0; plane < 3; plane++) copy(plane, rows, y + done);
    }
  };
}

/** Of specs in use: a stage asks with the same one for every picture. */
const known = new WeakMap<InputSpec, { readonly of: readonly number[]; readonly tables: Float32Array }>();

/** All 256 values of each channel, in float32 steps like the reference's (`x / unit`, minus mean, over std). */
function tablesOf(spec: InputSpec, unit: number): Float32Array {
  const of = [unit, ...spec.mean, ...spec.std];
  const made = known.get(spec);
  // A caller may have changed the numbers in the meantime.
  if (made?.of.every((number, i) => number === of[i])) return made.tables;
  const tables = Float32Array.from({ length: 3 * 256 }, (_, i) => {
    const mean = Math.fround(spec.mean[i >> 8]!);
    return Math.fround(Math.fround((i & 255) / unit) - mean) / Math.fround(spec.std[i >> 8]!);
  });
  known.set(spec, { of, tables });
  return tables;
}
