import { defineConfig } from 'vite';

/** The page: from `src/page` to `public`, which the server reads and the package ships. */
export default defineConfig({
  root: new URL('src/page', import.meta.url).pathname,
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: new URL('public', import.meta.url).pathname,
    emptyOutDir: true,
    target: 'es2022',
    // Everything comes from the server: its policy lets no data: script or style in.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
