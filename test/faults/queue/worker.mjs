// A worker that is killed or frozen: node worker.mjs URL CACHE.
import { queuePlace, runQueueWorker } from '../../../packages/queue/dist/index.js';

const [url, cache] = process.argv.slice(2);
await runQueueWorker({
  place: queuePlace(url, { MASKLOOM_QUEUE_TOKEN: process.env.TOY_TOKEN ?? process.env.MASKLOOM_QUEUE_TOKEN }),
  host: {
    code: 'toy 1',
    entry: new URL('../eval-toy/worker.mjs', import.meta.url),
    plugins: { modules: [] },
    bundles: async () => [],
    cache,
    resolve: async (recipe, overrides) => ({ recipe, overrides }),
    env: { TOY_LOG: `${cache}.log` },
  },
  signal: new AbortController().signal,
  lockMs: 1000,
  once: process.env.TOY_FOREVER === undefined,
});
