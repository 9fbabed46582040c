// `npm run build:wasm`: compiles the packages' assembly/*.ts (AssemblyScript) to WebAssembly with SIMD, which every Node 20
// runs, and writes each as a module of TypeScript. They are checked in, so nobody but who changes a source needs this.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const KERNELS = [
  ['runtime/assembly/resample.ts', 'runtime/src/image/resample/kernel-wasm.ts'],
  ['masks/assembly/masks.ts', 'masks/src/mask/kernel-wasm.ts'],
  ['masks/assembly/upsample.ts', 'masks/src/upsample/kernel-wasm.ts'],
  ['metrics/assembly/sums.ts', 'metrics/src/measure/kernel-wasm.ts'],
];
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'];

for (const [from, to] of KERNELS) {
  const packages = new URL('../packages/', import.meta.url);
  const source = readFileSync(new URL(from, packages), 'utf8');
  const wasm = await compile(source);
  const target = new URL(to, packages);
  writeFileSync(
    target,
    `// Made of ${from.replace(/^\w+\//, '')} by \`npm run build:wasm\`; not to be edited.

/** SHA-256 of the source. */
export const SOURCE = '${createHash('sha256').update(source).digest('hex')}';

/** The compiled kernel, base64. */
export const KERNEL =
  '${Buffer.from(wasm).toString('base64')}';
`,
  );
  console.log(`${fileURLToPath(target)}: ${wasm.length} bytes of WebAssembly`);
}

/** The module of a source. */
async function compile(source) {
  let wasm;
  const { error, stderr } = await asc.main(['kernel.ts', '--outFile', 'kernel.wasm', ...OPTIONS], {
    readFile: (name) => (name === 'kernel.ts' ? source : null),
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') wasm = contents;
    },
    listFiles: () => [],
  });
  if (error === null) return wasm;
  console.error(stderr.toString());
  process.exit(1);
}
