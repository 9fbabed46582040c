import { isTensorHandle, type Tensor, type TensorLike } from '../domain/tensor.js';

/**
 * A value as text that is equal for equal contents: typed arrays, maps and sets are listed, functions left out,
 * keys sorted, tensors written as `tensorText` says.
 */
export function textOf(value: unknown, tensorText: (tensor: Tensor) => unknown): string {
  return JSON.stringify(plain(value, tensorText)) ?? 'undefined';
}

/** {@link textOf} with the tensors' values, for comparing results. */
export async function canonical(value: unknown): Promise<string> {
  const values = new Map<Tensor, readonly number[]>();
  const tensors: Tensor[] = [];
  textOf(value, (tensor) => tensors.push(tensor));
  for (const tensor of tensors) values.set(tensor, Array.from(await tensor.read()));
  return textOf(value, (tensor) => values.get(tensor));
}

function plain(value: unknown, tensorText: (tensor: Tensor) => unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return [value.constructor.name, ...Array.from(value as Uint8Array, String)];
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) {
    return Array.from(value as Iterable<unknown>, (item) => plain(item, tensorText));
  }
  if ('dims' in value && 'dtype' in value && isTensorHandle(value as TensorLike)) {
    const tensor = value as Tensor;
    return { dtype: tensor.dtype, dims: [...tensor.dims], values: tensorText(tensor) };
  }
  const keys = Object.keys(value).sort();
  return Object.fromEntries(
    keys.map((key) => [key, plain((value as Record<string, unknown>)[key], tensorText)]),
  );
}
