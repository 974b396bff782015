import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm start` serves sign-in, payments and the page's settings. */
const PRODUCT = process.env['PRODUCT_URL'] ?? 'http://127.0.0.1:4010';

export default defineConfig({
  base: '/shop/',
  plugins: [react()],
  server: { host: '127.0.0.1', proxy: { '/auth': PRODUCT, '/pay': PRODUCT, '/shop/settings.json': PRODUCT } },
  // The graph's operations, written out, are larger than what shows them.
  build: { chunkSizeWarningLimit: 1_000 },
});
