/** Lint rule: imports between packages point one way (docs/architecture.md, "Layout"). */

const MODEL_PLUGINS = ['@maskloom/sam', '@maskloom/clip', '@maskloom/llava'];
const SYSTEM_PLUGINS = [
  '@maskloom/stacked-seg',
  '@maskloom/read',
  '@maskloom/rose',
  '@maskloom/refine',
  '@maskloom/lmseg',
];
const EVALUATION_PARTS = ['@maskloom/metrics', '@maskloom/data', '@maskloom/synth', '@maskloom/report'];

/** What the tests of a package may import beyond it: data sets are tested on what the synthetic world writes. */
const ALLOWED_IN_TESTS = { 'packages/data': ['@maskloom/synth'] };

/** What each package may import, by folder. */
const ALLOWED = {
  'packages/masks': [],
  'packages/core': ['@maskloom/masks'],
  'packages/runtime': ['@maskloom/core'],
  'packages/hub': ['@maskloom/core', '@maskloom/runtime'],
  // SAM's masks are named by CLIP.
  'packages/plugins/sam': ['@maskloom/core', '@maskloom/runtime', '@maskloom/clip'],
  'packages/plugins/clip': ['@maskloom/core', '@maskloom/runtime'],
  'packages/plugins/llava': ['@maskloom/core', '@maskloom/runtime'],
  'packages/plugins': ['@maskloom/core', '@maskloom/runtime', ...MODEL_PLUGINS],
  // Refinement is ROSE's own section 3.4: its stages are ROSE's.
  'packages/plugins/refine': ['@maskloom/core', '@maskloom/runtime', ...MODEL_PLUGINS, '@maskloom/rose'],
  'packages/metrics': ['@maskloom/masks', '@maskloom/core'],
  'packages/data': ['@maskloom/core', '@maskloom/runtime'],
  'packages/synth': ['@maskloom/core'],
  'packages/report': ['@maskloom/masks', '@maskloom/core'],
  'packages/eval': ['@maskloom/core', '@maskloom/runtime', ...EVALUATION_PARTS],
  'packages/studio': [
    '@maskloom/masks',
    '@maskloom/core',
    '@maskloom/runtime',
    '@maskloom/data',
    '@maskloom/metrics',
    '@maskloom/report',
  ],
  'packages/queue': ['@maskloom/core', '@maskloom/runtime', '@maskloom/eval'],
  'packages/bundle-tiny': [],
  'packages/cli': [
    '@maskloom/masks',
    '@maskloom/core',
    '@maskloom/runtime',
    '@maskloom/hub',
    '@maskloom/studio',
    '@maskloom/eval',
    '@maskloom/queue',
    ...EVALUATION_PARTS,
    '@maskloom/bundle-tiny',
    ...MODEL_PLUGINS,
    ...SYSTEM_PLUGINS,
  ],
  'packages/examples': [
    '@maskloom/core',
    '@maskloom/runtime',
    '@maskloom/hub',
    '@maskloom/eval',
    '@maskloom/queue',
    ...EVALUATION_PARTS,
    '@maskloom/bundle-tiny',
    ...MODEL_PLUGINS,
    ...SYSTEM_PLUGINS,
  ],
};

/** @type {import('eslint').Rule.RuleModule} */
export const importDirection = {
  meta: {
    type: 'problem',
    messages: { wrong: '{{from}} may not import {{to}}. It may import: {{allowed}}.' },
    schema: [],
  },
  create(context) {
    const file = context.filename.replaceAll('\\', '/');
    const from = Object.keys(ALLOWED)
      .filter((folder) => file.includes(`/${folder}/`))
      .sort((a, b) => b.length - a.length)[0];
    if (from === undefined) return {};
    const inTests = TEST_FILE.test(file) ? (ALLOWED_IN_TESTS[from] ?? []) : [];
    const allowed = [...ALLOWED[from], ...inTests];
    const check = (node) => {
      const target = node.source?.value;
      if (typeof target !== 'string') return;
      const escapes = target.startsWith('.') && climbsOut(file, from, target);
      const name = /^(@maskloom\/[^/]+|maskloom)(\/|$)/.exec(target)?.[1];
      if (escapes || (name !== undefined && !allowed.includes(name) && !isSelf(file, name))) {
        context.report({
          node,
          messageId: 'wrong',
          data: { from, to: target, allowed: allowed.join(', ') || '(nothing)' },
        });
      }
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

/** True when a relative import leaves the importing package's own folder. */
function climbsOut(file, folder, target) {
  const inside = file.slice(file.indexOf(`/${folder}/`) + folder.length + 2);
  const root = folder === 'packages/plugins' ? 1 : 0;
  const depth = inside.split('/').length - 1 - root;
  const climbs = target.split('/').filter((part) => part === '..').length;
  return climbs > depth;
}

const TEST_FILE = /\.test(-d|-helper)?\.ts$/;

/** Tests may import their own package by its name. */
function isSelf(file, name) {
  return TEST_FILE.test(file) && file.includes(`/${name.replace('@maskloom/', '')}/`);
}
