/** A process that pulls a repository and says so: it is killed by hub-kill.test.ts. */
import { hubSettings, pullRepository } from '@maskloom/hub';

const [id, endpoint, home] = process.argv.slice(2);
const settings = hubSettings({ HF_HOME: home }, { endpoint, retryDelay: 5 });
await pullRepository(id, { settings, files: ['**'] });
process.stdout.write('done');
