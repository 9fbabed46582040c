// `npm test`: all set-up, then every test. The Python tests run when the kit's environment is there
// (`npm run training:setup` makes it); without it they are named as not run, except under CI, where
// their absence is a failure.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failedTests } from './lib/failed-tests.mjs';
import { run } from './lib/run.mjs';
import { setUp } from './setup.mjs';

await setUp();
const passed = [];
const failed = [];
const step = async (name, command, args, options) => {
  const code = await run(command, args, options);
  (code === 0 ? passed : failed).push(name);
  return code === 0;
};

// What failed is said again at the very end: the Python tests' output comes between.
const folder = mkdtempSync(join(tmpdir(), 'maskloom-tests-'));
const report = join(folder, 'vitest.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...process.argv.slice(2)];
const again = (await step('TypeScript tests', process.execPath, vitest)) ? [] : failedTests(report);
rmSync(folder, { recursive: true });

const python = 'training/.venv/bin/python';
if (existsSync(python)) {
  // A file's tests share what they build, so a file stays in one process; two, as for the TypeScript tests.
  const atOnce = ['-n', '2', '--dist', 'loadfile'];
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  await step(
    'Python tests',
    '.venv/bin/python',
    ['-m', 'pytest', '-q', '--disable-warnings', ...atOnce, 'tests'],
    {
      cwd: 'training',
      env,
    },
  );
} else if (process.env.CI) {
  console.error(
    'Python tests: the environment training/.venv is missing; run `npm run training:setup` first.',
  );
  failed.push('Python tests');
} else {
  console.log('Python tests: NOT RUN (no training/.venv; `npm run training:setup` makes it).');
}

for (const name of passed) console.log(`passed: ${name}`);
for (const test of again) console.log(`failed: ${test}`);
for (const name of failed) console.log(`FAILED: ${name}`);
process.exit(failed.length === 0 ? 0 : 1);
