import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { apiDocumentation } from '../docs/plugin.ts'
import { brandName, browserTargets, contentSecurityPolicy } from './build-options.ts'

/** Builds the web applications that the Worker serves from `dist/web`. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), brandName(), contentSecurityPolicy(), apiDocumentation()],
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    target: browserTargets,
    cssTarget: browserTargets,
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 400,
    // React changes less often than the rest, so that browsers keep it over releases.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// }] } } },
  },
})
