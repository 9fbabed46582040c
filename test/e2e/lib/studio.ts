import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { folderBundle, openBundle, writePng } from '@maskloom/runtime';
import { ATTRIBUTES, readDescriptions, storedDescriptions, type StoredDescriptions } from '@maskloom/lmseg';
import { startStudio, type Studio, type StudioOptions } from '@maskloom/studio';
import { createDefaultRegistry } from 'maskloom';
import type { Page } from 'playwright-core';
import { makeScene } from '@maskloom/synth';

/** A studio over the embedded models, with a folder of one picture. */
export interface TestStudio extends AsyncDisposable {
  readonly studio: Studio;
  readonly folder: string;
  /** The address without the token. */
  readonly origin: string;
  /** Calls the API as a program does. */
  call(path: string, init?: RequestInit, tab?: string): Promise<Response>;
}

/** Starts a studio on the CPU. */
export async function openTestStudio(options: Partial<StudioOptions> = {}): Promise<TestStudio> {
  const folder = await mkdtemp(join(tmpdir(), 'maskloom-studio-test-'));
  // A scene with a red star, which READ finds.
  const scene = makeScene(8_920_000, 160, 96);
  await writePng(join(folder, 'plain.png'), scene.rgb, scene);
  const source = folderBundle(bundleDirectory);
  const studio = await startStudio({
    registry: createDefaultRegistry(),
    bundles: [{ named: 'tiny', source, bundle: await openBundle(source) }],
    device: 'cpu',
    inputs: [folder],
    descriptions: {
      attributes: ATTRIBUTES,
      read: async (content) => storedDescriptions(await readDescriptions(content as StoredDescriptions)),
    },
    ...options,
  });
  const { origin } = new URL(studio.url);
  return {
    studio,
    folder,
    origin,
    call: (path, init = {}, tab = 'tab-of-the-test') =>
      fetch(`${origin}${path}`, {
        ...init,
        headers: {
          authorization: `Bearer ${studio.token}`,
          'x-tab': tab,
          ...(typeof init.body === 'string' ? { 'content-type': 'application/json' } : {}),
          ...init.headers,
        },
      }),
    async [Symbol.asyncDispose]() {
      await studio.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Chooses systems on the page, in the place of those that it begins with. */
export async function chooseSystems(page: Page, systems: readonly string[]): Promise<void> {
  const leave = page.locator('.systems > li > button');
  await leave.first().waitFor();
  while ((await leave.count()) > 0) await leave.first().click();
  for (const system of systems) await page.getByLabel('add a system').selectOption(system);
}

/** The id of a picture by its name. */
export async function pictureId({ call }: TestStudio, name = 'plain.png'): Promise<string> {
  const pictures = (await (await call('/api/pictures')).json()) as readonly { id: string; name: string }[];
  return pictures.find((one) => one.name === name)?.id ?? '';
}

/** The events of an answer: names with their data. */
export async function eventsOf(response: Response): Promise<readonly (readonly [string, Heard])[]> {
  return [...(await response.text()).matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(
    ([, name = '', data = '']) => [name, JSON.parse(data) as Heard],
  );
}

/** What an event may hold. */
export interface Heard {
  readonly place?: number;
  readonly code?: string;
  readonly message?: string;
  readonly record?: {
    readonly steps: readonly {
      readonly prediction: { readonly segments: readonly { readonly area: number; readonly mask: object }[] };
    }[];
  };
  readonly view?: { readonly below: string };
  readonly ignores?: readonly string[];
}
