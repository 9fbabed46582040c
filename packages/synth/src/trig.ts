// Math.sin and Math.cos may differ in the last bit between engines; these use only + - * and rounding.
const TAU = 6.283185307179586;
const HALF_PI = 1.5707963267948966;

/** Sine of x (radians), absolute error below 1e-7 for |x| < 1000: Taylor polynomial on [-pi/2, pi/2]. */
export function sin(x: number): number {
  let r = x - TAU * Math.round(x / TAU);
  if (r > HALF_PI) r = TAU / 2 - r;
  else if (r < -HALF_PI) r = -TAU / 2 - r;
  const s = r * r;
  return r * (1 - (s / 6) * (1 - (s / 20) * (1 - (s / 42) * (1 - (s / 72) * (1 - s / 110)))));
}

/** Cosine of x (radians), accuracy of {@link sin}. */
export function cos(x: number): number {
  return sin(x + HALF_PI);
}
