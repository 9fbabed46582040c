import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A port that nobody listens on: whatever goes to this proxy fails at once. */
const NOWHERE = 'http://127.0.0.1:9';

/**
 * The environment of a user who has just installed Node: npm's default settings but for the registry, an own cache, nothing of
 * what npm tells its scripts about the repository, and a network that reaches the local registry alone.
 * @param home - folder for npm's settings and cache, shared by the projects of a run
 */
export async function freshEnvironment(home: string, registry: string): Promise<NodeJS.ProcessEnv> {
  await mkdir(home, { recursive: true });
  const settings = join(home, 'npmrc');
  await writeFile(settings, `registry=${registry}\n`);
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_|INIT_CWD$|NODE_OPTIONS$|NODE_PATH$|NODE_ENV$|VITEST|.*_proxy$|ONNXRUNTIME)/i.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    npm_config_userconfig: settings,
    npm_config_globalconfig: join(home, 'no-such-npmrc'),
    npm_config_cache: join(home, 'cache'),
    HTTP_PROXY: NOWHERE,
    HTTPS_PROXY: NOWHERE,
    GLOBAL_AGENT_HTTP_PROXY: NOWHERE,
    NO_PROXY: '127.0.0.1,localhost',
  };
}
