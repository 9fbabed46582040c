/**
 * float16 (IEEE 754 binary16) to and from float32. Node 20 has no Float16Array; ONNX Runtime carries the bits of
 * such tensors in a Uint16Array.
 */

const BITS = new Uint32Array(1);
const FLOAT = new Float32Array(BITS.buffer);

/** The numbers that halves stand for, exactly. */
export function floatsOfHalves(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = floatOfHalf(halves[i] as number);
  return floats;
}

/** The nearest halves, ties to even as in PyTorch and NumPy; what is beyond 65504 becomes infinite. */
export function halvesOfFloats(floats: Float32Array): Uint16Array {
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < floats.length; i++) halves[i] = halfOfFloat(floats[i] as number);
  return halves;
}

function floatOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function halfOfFloat(value: number): number {
  FLOAT[0] = value;
  const bits = BITS[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 255) return sign | (fraction === 0 ? 0x7c00 : 0x7e00);
  const half = exponent - 112;
  if (half >= 31) return sign | 0x7c00;
  // A carry out of the fraction moves on to the next exponent, and from the largest number to infinity, as it should.
  if (half > 0) return sign + roundedShift((half << 23) | fraction, 13);
  if (half < -10) return sign;
  return sign + roundedShift(fraction | 0x800000, 14 - half);
}

/** `value / 2^places`, ties to even. */
function roundedShift(value: number, places: number): number {
  const kept = value >>> places;
  const rest = value & ((1 << places) - 1);
  const tie = 1 << (places - 1);
  return kept + (rest > tie || (rest === tie && (kept & 1) === 1) ? 1 : 0);
}
