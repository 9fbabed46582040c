import { expect, it } from 'vitest';
import { hideSecrets } from './hide-secrets.js';

it.each([
  [
    ['worker', '--queue', 'redis://:hush@h:1/0', '--once'],
    ['worker', '--queue', 'env', '--once'],
    'redis://:hush@h:1/0',
  ],
  [['eval', '--queue=rediss://me:hush@h:1/0'], ['eval', '--queue=env'], 'rediss://me:hush@h:1/0'],
])('hides what %j has', (args, shown, url) => {
  expect(hideSecrets(args)).toEqual({ args: shown, env: { MASKLOOM_QUEUE_URL: url } });
});

it('leaves a command line without secrets alone', () => {
  const args = ['eval', '--data', 'a@b', '--queue', 'redis://h:1/0'];
  expect(hideSecrets(args)).toEqual({ args, env: {} });
});
