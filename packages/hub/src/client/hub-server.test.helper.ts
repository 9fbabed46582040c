import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a served repository behaves. */
export interface ServedRepository {
  readonly commit: string;
  /** Contents by path. Files over 1000 bytes are kept in "storage", as large files of a real hub are. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly access?: 'gated' | 'private';
  readonly license?: string;
  readonly base?: string;
}

/** Faults of the next answers. */
export interface Faults {
  /** Answers of this status before anything else. */
  failing: { status: number; times: number; retryAfter?: string };
  /** Bytes after which a body is cut off; Infinity for never. */
  cutAfter: number;
  /** True to change a byte of every body from storage. */
  corrupt: boolean;
  /** Bytes per 5 ms; Infinity for as fast as can be. */
  pace: number;
  /** True to ignore Range. */
  noRange: boolean;
}

/** A server on this machine that speaks the hub's protocol: one host for the hub, another name of it for storage. */
export class HubServer {
  readonly repositories = new Map<string, ServedRepository>();
  readonly faults: Faults = {
    failing: { status: 503, times: 0 },
    cutAfter: Infinity,
    corrupt: false,
    pace: Infinity,
    noRange: false,
  };
  /** Method, path, Range and Authorization of every request. */
  readonly requests: { method: string; path: string; range: string; authorization: string; host: string }[] =
    [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #storage = new Map<string, Buffer>();

  /** Accepted as a token. */
  readonly token = 'hf_right';

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Serves a repository. */
  add(
    id: string,
    files: Readonly<Record<string, Buffer | string>>,
    more: Partial<ServedRepository> = {},
  ): ServedRepository {
    const contents = new Map(Object.entries(files).map(([path, file]) => [path, Buffer.from(file)]));
    const commit = createHash('sha1')
      .update(id)
      .update(JSON.stringify([...contents.keys()]))
      .digest('hex');
    const repository = { commit, files: contents, ...more };
    this.repositories.set(id, repository);
    return repository;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request;
    const url = new URL(request.url ?? '/', this.endpoint);
    const path = decodeURIComponent(url.pathname);
    const { range = '', authorization = '', host = '' } = headers;
    this.requests.push({ method, path, range, authorization, host });
    const { failing } = this.faults;
    if (failing.times > 0) {
      failing.times--;
      response.writeHead(
        failing.status,
        failing.retryAfter === undefined ? {} : { 'retry-after': failing.retryAfter },
      );
      return void response.end();
    }
    if (path.startsWith('/storage/')) return this.#stored(path.slice(9), range, method, response);
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)/.exec(path);
    const resolve = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    const [id, revision] = api === null ? [resolve?.[1], resolve?.[2]] : [api[1], api[3]];
    const repository = this.repositories.get(id ?? '');
    const refuse = (status: number, code: string, message = ''): void => {
      response.writeHead(status, { 'x-error-code': code, 'x-error-message': message }).end();
    };
    const known = authorization === `Bearer ${this.token}`;
    if (authorization !== '' && !known) return refuse(401, '', 'Invalid credentials in Authorization header');
    if (repository === undefined || (repository.access === 'private' && !known))
      return refuse(known ? 404 : 401, 'RepoNotFound');
    if (revision !== 'main' && revision !== repository.commit) return refuse(404, 'RevisionNotFound');
    if (api?.[2] === 'revision') {
      const { commit: sha, license, base: base_model, files } = repository;
      const siblings = [...files.keys()].map((rfilename) => ({ rfilename }));
      return this.#json(response, {
        id,
        sha,
        siblings,
        cardData: { license, base_model },
        private: false,
        gated: false,
      });
    }
    if (api?.[2] === 'tree') {
      // Two to a page, so that paging is used.
      const files = [...repository.files].sort(([a], [b]) => (a < b ? -1 : 1));
      const from = Number(url.searchParams.get('cursor') ?? 0);
      const page = files
        .slice(from, from + 2)
        .map(([file, bytes]) => ({ type: 'file', path: file, size: bytes.length, ...oids(bytes) }));
      if (from + 2 < files.length) {
        const next = `${this.endpoint}${url.pathname}?recursive=1&cursor=${from + 2}`;
        response.setHeader('link', `<${next}>; rel="next"`);
      }
      return this.#json(response, page);
    }
    if (repository.access === 'gated' && !known)
      return refuse(401, 'GatedRepo', 'Access to this model is restricted');
    const bytes = repository.files.get(resolve?.[3] ?? '');
    if (bytes === undefined) return refuse(404, 'EntryNotFound');
    response.setHeader('x-repo-commit', repository.commit);
    if (bytes.length <= 1000) {
      response.setHeader('etag', `W/"${gitSha1(bytes)}"`);
      response.setHeader('content-length', bytes.length);
      return void response.end(method === 'HEAD' ? undefined : bytes);
    }
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.#storage.set(sha256, bytes);
    response.writeHead(302, {
      'x-linked-etag': `"${sha256}"`,
      'x-linked-size': bytes.length,
      etag: '"of-the-redirect"',
      location: `${this.endpoint.replace('127.0.0.1', 'localhost')}/storage/${sha256}`,
    });
    response.end();
  }

  async #stored(name: string, range: string, method: string, response: ServerResponse): Promise<void> {
    const all = this.#storage.get(name);
    if (all === undefined) return void response.writeHead(404).end();
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
    const partial = first !== undefined && !this.faults.noRange;
    const from = partial ? Number(first) : 0;
    if (from >= all.length)
      return void response.writeHead(416, { 'content-range': `bytes */${all.length}` }).end();
    const to = partial && last ? Number(last) : all.length - 1;
    const body = Buffer.from(all.subarray(from, to + 1));
    if (this.faults.corrupt) body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
    response.writeHead(partial ? 206 : 200, {
      'content-length': body.length,
      ...(partial ? { 'content-range': `bytes ${from}-${to}/${all.length}` } : {}),
    });
    if (method === 'HEAD') return void response.end();
    const { cutAfter, pace } = this.faults;
    const step = Number.isFinite(pace) ? pace : body.length;
    for (let at = 0; at < body.length && !response.destroyed; at += step) {
      if (at + step > cutAfter) {
        response.write(body.subarray(at, cutAfter));
        setTimeout(() => response.destroy(), 5);
        return;
      }
      response.write(body.subarray(at, at + step));
      if (Number.isFinite(pace)) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    response.end();
  }

  #json(response: ServerResponse, value: unknown): void {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  }
}

const gitSha1 = (bytes: Buffer): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

function oids(bytes: Buffer): object {
  if (bytes.length <= 1000) return { oid: gitSha1(bytes) };
  const oid = createHash('sha256').update(bytes).digest('hex');
  return { oid: gitSha1(bytes), lfs: { oid, size: bytes.length, pointerSize: 135 } };
}
