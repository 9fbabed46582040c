import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';
import { importDirection } from './scripts/lint/import-direction.js';
import { fileLength } from './scripts/lint/file-length.js';

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      'packages/studio/public/**',
      '**/fixtures/**',
      'docs/site/**',
      'training/**',
      'packages/bundle-tiny/tiny/**',
      'coverage/**',
      'out/**',
    ],
  },
  ...tseslint.configs.recommended,
  {
    plugins: {
      // Expressions that see text from outside must take time linear in it.
      regexp,
      maskloom: { rules: { 'import-direction': importDirection, 'file-length': fileLength } },
    },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
      'maskloom/file-length': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'off',
    },
  },
  {
    files: ['packages/**/*.ts', 'packages/**/*.tsx'],
    rules: {
      'maskloom/import-direction': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
    },
  },
);
