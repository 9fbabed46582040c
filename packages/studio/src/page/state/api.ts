import { createParser } from 'eventsource-parser';

/** What a refusal says. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Calls the server that this page came from. */
export interface Api {
  get<T>(path: string): Promise<T>;
  send<T>(method: 'POST' | 'DELETE', path: string, body: unknown): Promise<T>;
  /** Sends a file as it is. */
  upload<T>(path: string, file: Blob): Promise<T>;
  blob(path: string): Promise<{ readonly blob: Blob; readonly headers: Headers }>;
  /** Sends a file's worth of JSON and takes a file back. */
  download(path: string, body: unknown): Promise<{ readonly blob: Blob; readonly headers: Headers }>;
  /** Asks, and hears events until the answer ends or the signal stops it. */
  stream(
    path: string,
    body: unknown,
    signal: AbortSignal,
    heard: (event: string, data: unknown) => void,
  ): Promise<void>;
}

/** A failure that the server told. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The API with the token of the page's address; the tab's name is made up here and stays in this page. */
export function createApi(): Api {
  const headers = {
    authorization: `Bearer ${new URLSearchParams(location.search).get('token') ?? ''}`,
    'x-tab': crypto.randomUUID(),
  };
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(path, { ...init, headers: { ...headers, ...init.headers } });
    if (response.ok) return response;
    const said = (await response.json().catch(() => ({}))) as Partial<Failure>;
    throw new ApiError(said.code ?? String(response.status), said.message ?? response.statusText);
  };
  const json = (method: string, body: unknown): RequestInit => ({
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  const asFile = async (response: Response) => ({ blob: await response.blob(), headers: response.headers });
  return {
    get: async <T>(path: string) => (await call(path)).json() as T,
    send: async <T>(method: string, path: string, body: unknown) =>
      (await call(path, json(method, body))).json() as T,
    upload: async <T>(path: string, file: Blob) =>
      (
        await call(path, {
          method: 'POST',
          body: file,
          headers: { 'content-type': 'application/octet-stream' },
        })
      ).json() as T,
    blob: async (path) => asFile(await call(path)),
    download: async (path, body) => asFile(await call(path, json('POST', body))),
    async stream(path, body, signal, heard) {
      const response = await call(path, { ...json('POST', body), signal });
      const parser = createParser({
        onEvent: ({ event, data }) => heard(event ?? 'message', JSON.parse(data)),
      });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) return;
        parser.feed(value);
      }
    },
  };
}
