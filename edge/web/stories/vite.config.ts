import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { browserTargets } from '../build-options.ts'

/** Shows the webphone's states one by one, on made-up people and calls; no part of it is shipped. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  publicDir: fileURLToPath(new URL('../public', import.meta.url)),
  plugins: [react()],
  server: { host: '127.0.0.1', port: 19000, fs: { allow: [fileURLToPath(new URL('../../..', import.meta.url))] } },
  css: { lightningcss: {} },
  build: { target: browserTargets, outDir: fileURLToPath(new URL('../../../dist/stories', import.meta.url)), emptyOutDir: true },
})
