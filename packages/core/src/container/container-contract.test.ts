import 'reflect-metadata';
import { Container as InversifyContainer } from 'inversify';
import { container as tsyringeRoot } from 'tsyringe';
import { describe, expect, it } from 'vitest';
import { fakeSource } from '../conformance/fake-host.js';
import { bindPipeline } from '../compose/bind-pipeline.js';
import { compose } from '../compose/compose.js';
import { newLog, toyModel, toyRecipe } from '../pipeline/toy-system.test-helper.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { token, type Container } from '../ports/container.js';
import { inversifyContainer } from './inversify-container.js';
import { plainContainer } from './plain-container.js';
import { MODEL_SOURCE } from './tokens.js';
import { tsyringeContainer } from './tsyringe-container.js';

const NUMBER = token<number>('test:number');
const TEXT = token<string>('test:text');
const THING = token<{ readonly of: string }>('test:thing');

/** The same contract for every adapter; `native` is one in which NUMBER was bound to 42, in the library's own way where there is one. */
const adapters: readonly {
  readonly name: string;
  readonly make: () => Container;
  readonly native: () => Container;
}[] = [
  {
    name: 'a map',
    make: () => plainContainer(),
    native: () => {
      const container = plainContainer();
      container.bindValue(NUMBER, 42);
      return container;
    },
  },
  {
    name: 'inversify',
    make: () => inversifyContainer(),
    native: () => {
      const container = new InversifyContainer();
      container.bind(NUMBER.symbol).toConstantValue(42);
      return inversifyContainer(container);
    },
  },
  {
    name: 'tsyringe',
    make: () => tsyringeContainer(),
    native: () =>
      tsyringeContainer(tsyringeRoot.createChildContainer().register(NUMBER.symbol, { useValue: 42 })),
  },
];

describe('a host application that resolves in its own way', () => {
  it('gets pipelines from inversify', async () => {
    const own = new InversifyContainer();
    const port = inversifyContainer(own);
    const token = bindPipeline(
      port,
      compose(toyRecipe(newLog())).on(fakeSource({ models: { encoder: toyModel } })),
    );
    const pipeline = await own.getAsync<Pipeline>(token.symbol);
    expect(pipeline).toBe(await port.resolve(token));
    await port.dispose();
    expect(own.isBound(token.symbol)).toBe(false);
  });

  it('gets pipelines from tsyringe', async () => {
    const own = tsyringeRoot.createChildContainer();
    const port = tsyringeContainer(own);
    const token = bindPipeline(
      port,
      compose(toyRecipe(newLog())).on(fakeSource({ models: { encoder: toyModel } })),
    );
    const pipeline = await own.resolve<Promise<Pipeline>>(token.symbol);
    expect(pipeline).toBe(await port.resolve(token));
    await port.dispose();
    expect(() => own.resolve(token.symbol)).toThrow('disposed');
  });
});

describe.each(adapters)('the container port over $name', ({ make, native }) => {
  it('resolves values and factories, each factory once', async () => {
    const container = make();
    let made = 0;
    container.bindValue(NUMBER, 1);
    container.bindFactory(TEXT, async (within) => `${await within.resolve(NUMBER)} ${++made}`);
    const both = await Promise.all([container.resolve(TEXT), container.resolve(TEXT)]);
    expect([...both, await container.resolve(TEXT)]).toEqual(['1 1', '1 1', '1 1']);
  });

  it('names an unbound token', async () => {
    const container = make();
    expect(container.has(TEXT)).toBe(false);
    await expect(container.resolve(TEXT)).rejects.toMatchObject({
      code: 'CONTAINER_UNBOUND',
      message: expect.stringContaining("'test:text'") as string,
    });
  });

  it('replaces a binding', async () => {
    const container = make();
    container.bindValue(NUMBER, 1);
    expect(await container.resolve(NUMBER)).toBe(1);
    container.bindValue(NUMBER, 2);
    expect(await container.resolve(NUMBER)).toBe(2);
  });

  it('gives children their own singletons and lets them override', async () => {
    const parent = make();
    parent.bindValue(NUMBER, 1);
    parent.bindFactory(THING, () => ({ of: 'parent' }));
    const [one, two] = [parent.child(), parent.child()];
    for (const child of [one, two])
      child.bindFactory(TEXT, async (within) => `child ${await within.resolve(NUMBER)}`);
    one.bindValue(NUMBER, 7);
    expect([await one.resolve(TEXT), await two.resolve(TEXT)]).toEqual(['child 7', 'child 1']);
    expect(await parent.resolve(NUMBER)).toBe(1);
    expect(parent.has(TEXT)).toBe(false);
    expect(await one.resolve(THING)).toBe(await two.resolve(THING));
    one.bindFactory(THING, () => ({ of: 'one' }));
    expect([(await one.resolve(THING)).of, (await two.resolve(THING)).of]).toEqual(['one', 'parent']);
  });

  it('disposes children first, then what was made, last made first, awaiting each', async () => {
    const log: string[] = [];
    const end = (what: string) => async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      log.push(what);
    };
    const parent = make();
    parent.bindFactory(NUMBER, () => 1, { dispose: end('number') });
    parent.bindFactory(TEXT, async (within) => `${await within.resolve(NUMBER)}`, { dispose: end('text') });
    parent.bindFactory(token('test:unused'), () => 0, { dispose: end('unused') });
    const child = parent.child();
    child.bindFactory(THING, async (within) => ({ of: await within.resolve(TEXT) }), {
      dispose: end('thing'),
    });
    await child.resolve(THING);
    await Promise.all([parent.dispose(), parent.dispose()]);
    expect(log).toEqual(['thing', 'text', 'number']);
    await expect(parent.resolve(NUMBER)).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(child.resolve(THING)).rejects.toMatchObject({ code: 'DISPOSED' });
    expect(() => parent.child()).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
  });

  it('disposes of the rest when one disposal fails', async () => {
    const log: string[] = [];
    const container = make();
    container.bindFactory(NUMBER, () => 1, { dispose: () => void log.push('number') });
    container.bindFactory(TEXT, () => '', { dispose: () => Promise.reject(new Error('stuck')) });
    await container.resolve(NUMBER);
    await container.resolve(TEXT);
    await expect(container.dispose()).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('test:text') as string,
    });
    expect(log).toEqual(['number']);
  });

  it('disposes of an instance that was still being made', async () => {
    const log: string[] = [];
    const container = make();
    container.bindFactory(
      TEXT,
      () => new Promise<string>((resolve) => setTimeout(() => resolve('late'), 5)),
      { dispose: (text) => void log.push(text) },
    );
    const late = container.resolve(TEXT);
    await container.dispose();
    expect(await late).toBe('late');
    expect(log).toEqual(['late']);
  });

  it('does not remember a failure', async () => {
    const container = make();
    let tries = 0;
    container.bindFactory(NUMBER, () => (++tries === 1 ? Promise.reject(new Error('first')) : tries));
    await expect(container.resolve(NUMBER)).rejects.toThrow('first');
    expect(await container.resolve(NUMBER)).toBe(2);
  });

  it("sees a host application's own bindings and leaves them in place", async () => {
    const container = native();
    const child = container.child();
    child.bindValue(TEXT, 'own');
    expect([await child.resolve(NUMBER), await child.resolve(TEXT)]).toEqual([42, 'own']);
    await child.dispose();
    expect(await container.resolve(NUMBER)).toBe(42);
  });

  it('carries a whole pipeline', async () => {
    const container = make();
    const source = fakeSource({ models: { encoder: toyModel } });
    container.bindValue(MODEL_SOURCE, source);
    const log = newLog();
    const pipeline = await container.resolve(bindPipeline(container, compose(toyRecipe(log))));
    expect(pipeline.describe().bundle).toBe('fake');
    await container.dispose();
    expect(log.slice(-3)).toEqual(['dispose prompter', 'dispose language', 'dispose encoder']);
    expect(source.hosts[0]?.disposed).toBe(true);
  });
});
