import { expect, it } from 'vitest';
import { simulate, type ClusterModel, type GroupLoad } from './simulate.js';

const free: ClusterModel = {
  startSeconds: 0,
  coordinatorSeconds: 0,
  groupSeconds: 0,
  bandwidth: Infinity,
  workerBytes: 2,
  price: 3600,
};
const group: GroupLoad = { seconds: 2, units: 10, pictureBytes: 0, answerBytes: 0 };
const groups = Array.from({ length: 64 }, () => group);

it.each([1, 2, 4, 8, 64])('divides equal groups among %i workers', (workers) => {
  const found = simulate(groups, workers, free);
  expect(found).toMatchObject({
    seconds: 128 / workers,
    efficiency: 1,
    memory: 2 * workers,
    cost: 128,
    limit: 'workers',
  });
});

it('names what stops it', () => {
  expect(simulate(groups, 128, free)).toMatchObject({ seconds: 2, efficiency: 0.5, limit: 'stragglers' });
  expect(simulate(groups, 32, { ...free, startSeconds: 60 })).toMatchObject({ seconds: 64, limit: 'start' });
  // 640 units, 0.1 s each, one after the other: the first outcomes come after 2 s.
  expect(simulate(groups, 64, { ...free, coordinatorSeconds: 0.1 })).toMatchObject({
    seconds: 66,
    limit: 'ledger',
  });
  const pictures = groups.map((one) => ({ ...one, pictureBytes: 100 }));
  const found = simulate(pictures, 64, { ...free, bandwidth: 100 });
  expect(found).toMatchObject({ seconds: 66, network: 6400, limit: 'pictures' });
});
