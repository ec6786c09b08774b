import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { z } from 'zod'
import { apiDocument } from './document.ts'
import { restGuide } from './guide.ts'
import { llmsText } from './llms.ts'

/** Where the document lies among the web applications' files; the Worker serves it at `/sapi/openapi.json` too. */
export const documentFile = 'docs/api/openapi.json'

const packageSchema = z.object({ version: z.string() })
const resolve = createRequire(import.meta.url).resolve

/**
 * What developers read, among the files that the Worker serves: the OpenAPI document, a page that shows it without
 * any other server, and `llms.txt`. Made at build time: the tables do not change while the Worker runs, and what
 * makes documents of them stays out of it.
 */
export function apiDocumentation(): Plugin {
  return {
    name: 'ringway:api-documentation',
    apply: 'build',
    generateBundle() {
      for (const [fileName, source] of Object.entries(documentationFiles())) this.emitFile({ type: 'asset', fileName, source })
    },
  }
}

export function documentationFiles(): Record<string, string | Buffer> {
  const ours = (name: string) => readFileSync(join(import.meta.dirname, 'page', name))
  const renderers = (name: string) => readFileSync(resolve(`swagger-ui-dist/${name}`))
  return {
    'llms.txt': llmsText(),
    [documentFile]: `${JSON.stringify(currentDocument())}\n`,
    'docs/api/index.html': ours('index.html'),
    'docs/api/page.css': ours('page.css'),
    'docs/api/page.js': ours('page.js'),
    'docs/api/oauth2-redirect.html': renderers('oauth2-redirect.html'),
    ...Object.fromEntries(
      ['swagger-ui.css', 'swagger-ui-bundle.js', 'oauth2-redirect.js'].map((name) => [`docs/api/${name}`, renderers(name)]),
    ),
  }
}

export function currentDocument() {
  const { version } = packageSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')))
  return apiDocument({ version, guide: restGuide() })
}
