import { afterEach, describe, expect, it } from 'vitest';
import { program } from './programs.js';
import { Workshop } from './workshop.js';

interface Doctor {
  readonly node: string;
  readonly healthy: boolean;
  readonly onnxRuntime: { readonly build: { readonly package: string } };
  readonly devices: readonly { readonly device: string; readonly available: boolean }[];
}

const here = `@maskloom/onnxruntime-${process.platform}-${process.arch}`;

/** npm 10 runs install scripts, npm 11 skips them, npm 12 says so. All pairs by `npm run test:nodes`. */
const PAIRS = [
  { node: undefined, npm: '10.9.9' },
  { node: undefined, npm: undefined },
  ...(process.env['MASKLOOM_NODES'] === 'all'
    ? [
        { node: '22.23.3', npm: '10.9.9' },
        { node: '22.23.3', npm: '12.2.1' },
        { node: '24.21.0', npm: '11.21.2' },
        { node: '24.21.0', npm: '12.2.1' },
      ]
    : []),
];

describe('npm install maskloom in an empty folder', () => {
  let workshop: Workshop | undefined;
  afterEach(() => workshop?.close());

  it.each(PAIRS)('works on node $node with npm $npm', async ({ node, npm }) => {
    workshop = await Workshop.open(await program({ node, npm }));
    const said = await workshop.install('maskloom');
    expect(said).not.toMatch(/npm (warn|error)/i);

    const doctor = JSON.parse(await workshop.run('npx', 'maskloom', 'doctor', '--json')) as Doctor;
    expect(doctor.healthy).toBe(true);
    expect(doctor.onnxRuntime.build.package).toBe(here);
    expect(doctor.devices[0]).toEqual({ device: 'cpu', available: true });
    if (node !== undefined) expect(doctor.node).toBe(`v${node}`);

    const installed = await workshop.run('npm', 'ls', '--all', '--parseable', '--loglevel=error');
    expect(installed).not.toMatch(/onnxruntime-node$/m);
    const builds = installed.split('\n').filter((path) => path.includes('@maskloom/onnxruntime'));
    expect(builds).toHaveLength(1);
  });
});
