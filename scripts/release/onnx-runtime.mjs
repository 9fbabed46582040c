// `onnxruntime-node` is one package of 290 MB for every platform, with an install script that downloads CUDA and undoes the
// install where that fails. Its files are published again, unchanged, as one package per platform and without the script;
// the runtime names them as optional dependencies, of which npm takes the one that fits the machine.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The platforms that `onnxruntime-node` brings binaries for. */
export const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

const nameOf = (platform) => `@maskloom/onnxruntime-${platform}`;

/** The optional dependencies of the published runtime. */
export function platformDependencies(version) {
  return Object.fromEntries(PLATFORMS.map((platform) => [nameOf(platform), version]));
}

/** The folder and version of the installed `onnxruntime-node`. */
export async function installedOnnxRuntime() {
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  return { folder: dirname(manifest), ...JSON.parse(await readFile(manifest, 'utf8')) };
}

/**
 * Writes the package of one platform.
 * @param out folder that the package's folder is made in
 * @returns the package's name, version and folder
 */
export async function cutOut(platform, out) {
  const source = await installedOnnxRuntime();
  const [os, cpu] = platform.split('-');
  const name = nameOf(platform);
  const folder = join(out, `onnxruntime-${platform}`);
  const binaries = join('bin', 'napi-v6', os, cpu);
  await mkdir(folder, { recursive: true });
  await cp(join(source.folder, binaries), join(folder, binaries), { recursive: true });
  await cp(join(source.folder, 'dist'), join(folder, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('.map'),
  });
  const manifest = {
    name,
    version: source.version,
    description: `onnxruntime-node ${source.version}, its files for ${platform}, unchanged, without an install script.`,
    license: source.license,
    author: 'Microsoft Corporation',
    keywords: ['onnx', 'onnxruntime', 'segmentation'],
    homepage: 'https://onnxruntime.ai',
    repository: repository(),
    type: 'commonjs',
    main: source.main,
    types: source.types,
    os: [os],
    cpu: [cpu],
    ...(os === 'linux' && { libc: ['glibc'] }),
    engines: { node: '>=20.19' },
    files: ['bin', 'dist'],
    dependencies: { 'onnxruntime-common': source.dependencies['onnxruntime-common'] },
    publishConfig: { access: 'public' },
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await writeFile(join(folder, 'README.md'), readme(name, source.version, platform));
  await writeFile(join(folder, 'LICENSE'), LICENSE);
  return { name, version: source.version, folder };
}

function repository() {
  return { type: 'git', url: 'git+https://github.com/maskloom/maskloom.git', directory: 'scripts/release' };
}

function readme(name, version, platform) {
  return `# ${name}

The files of [\`onnxruntime-node\`](https://www.npmjs.com/package/onnxruntime-node) ${version} (Microsoft, MIT) for ${platform},
unchanged: its JavaScript and its native library. Left out are the other platforms, and the install script, which
downloads CUDA's libraries from NuGet. \`@maskloom/runtime\` takes it when \`onnxruntime-node\` ${version} itself is not installed.

\`\`\`js
const { InferenceSession, Tensor } = require('${name}');

const session = await InferenceSession.create('model.onnx');
const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2), [1, 2]) });
console.log(y.data);
\`\`\`
`;
}

const LICENSE = `MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;
