import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkLinks } from '../../scripts/docs/check-links.mjs';

let site: string;
beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), 'maskloom-site-'));
  await mkdir(join(site, 'guides'));
  await writeFile(
    join(site, 'index.html'),
    '<h1 id="top">A</h1><a href="guides/b.html#part">b</a><a href="https://example.org/nowhere">web</a><img src="c.png">',
  );
  await writeFile(join(site, 'c.png'), '');
  await writeFile(
    join(site, 'guides/b.html'),
    '<h2 id="part">B</h2><a href="../#top">a</a><a href="#part">here</a>',
  );
});
afterAll(() => rm(site, { recursive: true, force: true }));

it('follows every link of the site to its file and place', async () => {
  expect(await checkLinks(site)).toEqual({ pages: 2, links: 4, broken: [] });
});

it('names links that lead nowhere', async () => {
  await writeFile(
    join(site, 'guides/d.html'),
    '<a href="e.html">e</a><a href="b.html#gone">b</a><img src="../f.png">',
  );
  expect((await checkLinks(site)).broken).toEqual([
    'guides/d.html: e.html (no such file)',
    'guides/d.html: b.html#gone (no such place in the page)',
    'guides/d.html: ../f.png (no such file)',
  ]);
});
