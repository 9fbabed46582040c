// `node scripts/docs/check-links.mjs DIR`: every link and picture of the pages in DIR that is not on the web leads to a file there,
// and every fragment to an element.
import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ELSEWHERE = /^(https?:|mailto:|data:|javascript:)/;

/**
 * Follows the links between the pages of a folder.
 * @param {string} folder
 * @returns {Promise<{ pages: number, links: number, broken: string[] }>} broken: `page: link (why)`
 */
export async function checkLinks(folder) {
  const pages = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.html'));
  const texts = new Map();
  for (const page of pages) texts.set(join(folder, page), await readFile(join(folder, page), 'utf8'));
  const known = new Map();
  const idsOf = (page) => {
    if (!known.has(page)) known.set(page, new Set(attributes(texts.get(page) ?? '', 'id|name')));
    return known.get(page);
  };
  const broken = [];
  let links = 0;
  for (const [page, text] of texts) {
    for (const link of new Set(attributes(text, 'href|src'))) {
      if (ELSEWHERE.test(link)) continue;
      links++;
      const why = await whyBroken(page, link, idsOf);
      if (why !== undefined) broken.push(`${relative(folder, page)}: ${link} (${why})`);
    }
  }
  return { pages: pages.length, links, broken };
}

async function whyBroken(page, link, idsOf) {
  const [path, fragment = ''] = link.split('#').map((part) => decodeURIComponent(part.split('?')[0]));
  let target = path === '' ? page : join(dirname(page), path);
  const found = await stat(target).catch(() => undefined);
  if (found === undefined) return 'no such file';
  if (found.isDirectory()) target = join(target, 'index.html');
  if (fragment === '' || !target.endsWith('.html')) return undefined;
  return idsOf(target).has(fragment) ? undefined : 'no such place in the page';
}

function attributes(html, names) {
  const found = html.matchAll(new RegExp(`\\s(?:${names})="([^"]*)"`, 'g'));
  return [...found].map(([, value]) => value.replaceAll('&amp;', '&'));
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { pages, links, broken } = await checkLinks(resolve(process.argv[2] ?? '.'));
  for (const one of broken) console.error(one);
  console.log(`${pages} pages, ${links} links, ${broken.length} broken`);
  process.exitCode = pages > 0 && broken.length === 0 ? 0 : 1;
}
