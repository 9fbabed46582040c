import type { ImageTransform } from '@maskloom/core';

/** CLIP's transform: shorter side to `side`, longer truncated, centre crop with a floored offset. */
export function clipTransform(width: number, height: number, side: number): ImageTransform<'ClipPx'> {
  const short = Math.min(width, height);
  const resized = {
    width: width === short ? side : Math.trunc((side * width) / height),
    height: height === short ? side : Math.trunc((side * height) / width),
  };
  return {
    frame: 'ClipPx',
    original: { width, height },
    resized,
    input: { width: side, height: side },
    scaleX: resized.width / width,
    scaleY: resized.height / height,
    offsetX: Math.floor((resized.width - side) / 2),
    offsetY: Math.floor((resized.height - side) / 2),
  };
}
