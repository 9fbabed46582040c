export { hubBundle, pullBundle, type HubBundleOptions } from './hub-bundle.js';
export { hubSettings, type HubSettings } from './client/settings.js';
export { isRepository, readRepository, type Repository } from './client/repository.js';
export type { Progress } from './client/progress.js';
export {
  pullRepository,
  type PulledRepository,
  type PullRepositoryOptions,
} from './cache/pull-repository.js';
export {
  listCache,
  removeRepository,
  verifyCache,
  type CachedRepository,
  type CacheFinding,
} from './cache/manage.js';
export { HUB_DTYPES, type DTypeChoice, type HubDType } from './ready/dtypes.js';
export { READY_MODEL_TYPES } from './ready/adapters.js';
