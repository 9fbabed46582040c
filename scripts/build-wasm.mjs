// `npm run build:wasm`: compiles packages/runtime/assembly/resample.ts (AssemblyScript) to WebAssembly with SIMD, which every
// Node 20 runs, and writes it as a module of TypeScript. It is checked in, so nobody but who changes the source needs this.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const runtime = new URL('../packages/runtime/', import.meta.url);
const source = readFileSync(new URL('assembly/resample.ts', runtime), 'utf8');
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'];

let wasm;
const { error, stderr } = await asc.main(['resample.ts', '--outFile', 'resample.wasm', ...OPTIONS], {
  readFile: (name) => (name === 'resample.ts' ? source : null),
  writeFile: (name, contents) => {
    if (name === 'resample.wasm') wasm = contents;
  },
  listFiles: () => [],
});
if (error !== null) {
  console.error(stderr.toString());
  process.exit(1);
}
const target = new URL('src/image/resample/kernel-wasm.ts', runtime);
writeFileSync(
  target,
  `// Made of assembly/resample.ts by \`npm run build:wasm\`; not to be edited.

/** SHA-256 of the source. */
export const SOURCE = '${createHash('sha256').update(source).digest('hex')}';

/** The compiled kernel, base64. */
export const KERNEL =
  '${Buffer.from(wasm).toString('base64')}';
`,
);
console.log(`${fileURLToPath(target)}: ${wasm.length} bytes of WebAssembly`);
