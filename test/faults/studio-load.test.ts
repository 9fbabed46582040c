// Many tabs at once: turns are fair, nothing grows, and what is given up leaves nothing running.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventsOf, openTestStudio, pictureId, type TestStudio } from '../e2e/lib/studio.js';

const TABS = 20;
const DISCONNECTS = 200;

let studio: TestStudio;
let picture: string;
beforeAll(async () => {
  studio = await openTestStudio();
  picture = await pictureId(studio);
  await finished(ask('warm-up-tab', 1));
});
afterAll(() => studio?.[Symbol.asyncDispose]());

function ask(tab: string, systems: number, signal?: AbortSignal): Promise<Response> {
  const body = JSON.stringify({
    picture,
    question: { prompts: [{ points: [[80, 48, 1]] }] },
    systems: Array.from({ length: systems }, () => ({ recipe: 'sam/prompted' })),
  });
  return studio.call('/api/asks', { method: 'POST', body, ...(signal && { signal }) }, tab);
}

/** How many systems answered. */
async function finished(answer: Promise<Response>): Promise<number> {
  return (await eventsOf(await answer)).filter(([name]) => name === 'result').length;
}

async function idle(): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const { waiting, busy } = studio.studio.load;
    if (waiting === 0 && !busy && studio.studio.liveTensors === 0) return;
    await delay(50);
  }
}

it('20 tabs take turns: who asks for ten does not hold up who asks for one', async () => {
  const done: string[] = [];
  const run = async (tab: string, systems: number): Promise<void> => {
    expect(await finished(ask(tab, systems))).toBe(systems);
    done.push(tab);
  };
  const greedy = run('greedy-tab', 10);
  // Its ten are in the queue before anybody else asks.
  while (studio.studio.load.waiting < 5) await delay(1);
  const others = Array.from({ length: TABS - 1 }, (_, i) => run(`patient-tab-${i}`, 1));
  await Promise.all([greedy, ...others]);
  expect(done.at(-1)).toBe('greedy-tab');
  await idle();
  expect(studio.studio.liveTensors).toBe(0);
});

it('20 tabs that ask 4 times leave the memory where it was', async () => {
  const round = (): Promise<number[]> =>
    Promise.all(Array.from({ length: TABS }, (_, i) => finished(ask(`steady-tab-${i}`, 1))));
  await round();
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 3; i++) expect((await round()).every((count) => count === 1)).toBe(true);
  expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
});

it('200 disconnects leave no work running and no live tensor', async () => {
  await Promise.all(
    Array.from({ length: DISCONNECTS }, async (_, i) => {
      const gone = new AbortController();
      const answer = ask(`leaving-tab-${i % TABS}`, 1, gone.signal).then((response) => response.text());
      await delay(i % 40);
      gone.abort();
      await expect(answer).rejects.toThrow();
    }),
  );
  await idle();
  expect({ ...studio.studio.load, tensors: studio.studio.liveTensors }).toEqual({
    waiting: 0,
    busy: false,
    tensors: 0,
  });
  expect(await finished(ask('who-stayed', 1))).toBe(1);
});
