import { join } from 'node:path';
import { defineConfig } from 'vite';

/** `CULVERT_API=http://… npm run dev -w packages/dashboard`: the pages from here, everything else from a running API. */
const api = process.env.CULVERT_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: join(import.meta.dirname, 'browser'),
  base: '/',
  publicDir: false,
  cacheDir: join(import.meta.dirname, '../../node_modules/.cache/vite'),
  build: {
    outDir: join(import.meta.dirname, 'dist/browser'),
    emptyOutDir: true,
    assetsDir: 'assets',
    // What a content security policy without `data:` and inline scripts lets through.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    license: true,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: {
    host: '127.0.0.1',
    proxy: { '/v1': { target: api }, '/docs': { target: api }, '/status': { target: api } },
  },
});
