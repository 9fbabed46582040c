// Answers every unit of a queue at once, as a worker of many machines would: node empty-worker.mjs URL.
import { Queue, Worker } from 'bullmq';
import { subjectHash } from '../../packages/eval/dist/index.js';
import { Sealer } from '../../packages/queue/dist/protocol/seal.js';

const sealer = new Sealer(process.env.MASKLOOM_QUEUE_TOKEN);
const { hostname, port } = new URL(process.argv[2]);
const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null };
const answers = new Queue('answers', { connection, prefix: 'maskloom' });
const result = {
  image: '',
  ms: 0,
  devices: ['js'],
  parts: { referring: { 'cIoU all': [1, 2, 1], 'gIoU all': [0.5, 1, 1] } },
  answers: [],
};
new Worker(
  'groups',
  async ({ data }) => {
    const { run, id, units } = JSON.parse(data.body);
    await answers.addBulk(
      units.map(({ key, unit }) => ({
        name: 'answer',
        data: sealer.close('answer', {
          run,
          group: id,
          key,
          outcome: { result },
          by: {
            worker: 'empty',
            code: 'empty',
            subject: subjectHash({ recipe: `toy/${unit.subject}`, overrides: {} }),
          },
        }),
        opts: { jobId: `${id}.${key}`, removeOnComplete: true },
      })),
    );
  },
  { connection, prefix: 'maskloom', concurrency: 8, removeOnComplete: { count: 0 } },
);
