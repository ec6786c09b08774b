import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { currentDocument } from '#edge/docs/plugin.ts'
import { clientFile, generateClient } from './generate.ts'

/**
 * `npm run generate:client [-- <folder>]`: a TypeScript client of the REST API as this checkout has it, with the OpenAPI
 * document beside it. It is not kept in the repository: it would be a second truth.
 */
const folder = resolve(process.argv[2] ?? join('dist', 'rest-client'))
const document = join(folder, 'openapi.json')
mkdirSync(folder, { recursive: true })
writeFileSync(document, JSON.stringify(currentDocument(), null, 2))
await generateClient({ document, folder })
console.log(`Wrote ${join(folder, clientFile)}`)
