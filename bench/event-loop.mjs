// How long the main thread's event loop is held up while images are segmented.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { full } from '@maskloom/read';
import { ms } from './lib/measure.mjs';
import { ASK, everyStage, image, openModels } from './lib/stage.mjs';

const RESOLUTION_MS = 1;

/** @returns rows of the report */
export async function measure({ rounds }) {
  const models = openModels();
  const pipeline = await everyStage(full).on(models).build();
  const rows = [];
  for (const [width, height] of [
    [128, 128],
    [1600, 1200],
  ]) {
    const images = Array.from({ length: Math.max(5, 2 * rounds) }, () => image(width, height));
    await pipeline.segment(image(width, height), ASK);
    const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    // The making of the images is over before anything is counted.
    await new Promise((resolve) => setTimeout(resolve, 50));
    monitor.enable();
    for (const one of images) await pipeline.segment(one, ASK);
    monitor.disable();
    const delay = (value) => Math.max(0, value / 1e6 - RESOLUTION_MS);
    const p99 = delay(monitor.percentile(99));
    rows.push({
      name: `event-loop delay while a ${width} x ${height} image is segmented, 99th percentile`,
      value: ms(p99),
      aim: '< 30 ms',
      good: p99 < 30,
      detail: `longest ${ms(delay(monitor.max))}, ${images.length} images`,
    });
  }
  await models.dispose();
  return rows;
}
