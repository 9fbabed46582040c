/** Lint rule: imports between packages point one way (docs/architecture.md, "Layout"). */

const MODEL_PLUGINS = ['@maskloom/sam', '@maskloom/clip', '@maskloom/llava'];
const SYSTEM_PLUGINS = [
  '@maskloom/stacked-seg',
  '@maskloom/read',
  '@maskloom/rose',
  '@maskloom/refine',
  '@maskloom/lmseg',
];

/** What each package may import, by folder. */
const ALLOWED = {
  'packages/core': [],
  'packages/runtime': ['@maskloom/core'],
  'packages/plugins/sam': ['@maskloom/core', '@maskloom/runtime'],
  'packages/plugins/clip': ['@maskloom/core', '@maskloom/runtime'],
  'packages/plugins/llava': ['@maskloom/core', '@maskloom/runtime'],
  'packages/plugins': ['@maskloom/core', '@maskloom/runtime', ...MODEL_PLUGINS],
  'packages/eval': ['@maskloom/core', '@maskloom/runtime'],
  'packages/bundle-tiny': [],
  'packages/cli': [
    '@maskloom/core',
    '@maskloom/runtime',
    '@maskloom/eval',
    '@maskloom/bundle-tiny',
    ...MODEL_PLUGINS,
    ...SYSTEM_PLUGINS,
  ],
  'packages/examples': [
    '@maskloom/core',
    '@maskloom/runtime',
    '@maskloom/eval',
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
    const allowed = ALLOWED[from];
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

/** Tests may import their own package by its name. */
function isSelf(file, name) {
  return /\.test(-d)?\.ts$/.test(file) && file.includes(`/${name.replace('@maskloom/', '')}/`);
}
