import { z } from 'zod';
import { MaskloomError } from '@maskloom/core';
import { isCommit, type Repository } from './repository.js';
import { refusal } from './refusals.js';
import { request } from './request.js';
import type { HubSettings } from './settings.js';

/** What the hub says about a repository at a revision. */
export interface RepositoryInfo {
  /** The commit that the revision names, 40 hexadecimal digits. */
  readonly commit: string;
  /** Licence of its card, as written there; `unknown` when there is none. */
  readonly license: string;
  /** The repository that its card says it was made from, if one. */
  readonly base: string | undefined;
}

/** A file as the hub lists it. */
export interface ListedFile {
  /** Path in the repository. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

const infoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  cardData: z
    .object({ license: z.unknown().optional(), base_model: z.unknown().optional() })
    .nullish()
    .catch(undefined),
});

const treeSchema = z.array(z.object({ type: z.string(), path: z.string(), size: z.number().optional() }));

/**
 * Asks what a revision stands for.
 * @throws MaskloomError HUB_NOT_FOUND, HUB_ACCESS_DENIED, HUB_UNREACHABLE, ABORTED
 */
export async function lookUp(
  { id, revision }: Repository,
  settings: HubSettings,
  signal?: AbortSignal,
): Promise<RepositoryInfo> {
  const url = `${settings.endpoint}/api/models/${id}/revision/${encodeURIComponent(revision)}`;
  const info = await json(url, infoSchema, { id, revision }, settings, signal);
  const { license, base_model: base } = info.value.cardData ?? {};
  const first: unknown = Array.isArray(base) ? base[0] : base;
  return {
    commit: info.value.sha,
    license: typeof license === 'string' ? license : 'unknown',
    base: typeof first === 'string' && first !== id ? first : undefined,
  };
}

/**
 * Lists the files of a repository at a commit.
 * @throws MaskloomError HUB_NOT_FOUND, HUB_ACCESS_DENIED, HUB_UNREACHABLE, ABORTED
 */
export async function listFiles(
  id: string,
  commit: string,
  settings: HubSettings,
  signal?: AbortSignal,
): Promise<readonly ListedFile[]> {
  if (!isCommit(commit)) throw new MaskloomError('INTERNAL', `'${commit}' is not a commit`);
  const files: ListedFile[] = [];
  let url: string | undefined = `${settings.endpoint}/api/models/${id}/tree/${commit}?recursive=1`;
  while (url !== undefined) {
    const page: Page<z.infer<typeof treeSchema>> = await json(
      url,
      treeSchema,
      { id, revision: commit },
      settings,
      signal,
    );
    for (const { type, path, size = 0 } of page.value) if (type === 'file') files.push({ path, size });
    const next = nextPage(page.link);
    url = next === undefined ? undefined : new URL(next, settings.endpoint).href;
  }
  return files;
}

/** The address of the next page in a Link header: `<address>; rel="next"`. */
function nextPage(link: string): string | undefined {
  const part = link.split(',').find((one) => one.includes('rel="next"'));
  return part?.slice(part.indexOf('<') + 1, part.indexOf('>'));
}

interface Page<T> {
  readonly value: T;
  /** The answer's Link header. */
  readonly link: string;
}

async function json<T>(
  url: string,
  schema: z.ZodType<T>,
  asked: { readonly id: string; readonly revision: string },
  settings: HubSettings,
  signal: AbortSignal | undefined,
): Promise<Page<T>> {
  const response = await request(url, { settings, signal });
  if (!response.ok) {
    await response.body?.cancel();
    throw refusal(response, asked, settings);
  }
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return { value: parsed.data, link: response.headers.get('link') ?? '' };
  throw new MaskloomError('HUB_UNREACHABLE', `${settings.endpoint} does not answer as a hub does.`, {
    where: url,
    hint: 'Check HF_ENDPOINT.',
  });
}
