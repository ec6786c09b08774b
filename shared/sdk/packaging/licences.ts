import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { z } from 'zod'

const manifestSchema = z.object({ name: z.string(), version: z.string(), license: z.string().optional() })

/** Writes the licences of every package that went into the bundle beside it, as they ask for. */
export function licencesOf(root: string): Plugin {
  const folders = new Set<string>()
  return {
    name: 'ringway-licences',
    async generateBundle(_, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue
        for (const id of output.moduleIds) {
          const folder = packageFolder(id)
          if (folder !== undefined && folder.startsWith(root)) folders.add(folder)
        }
      }
      const texts = await Promise.all([...folders].toSorted().map(licenceOf))
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-LICENCES.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) })
    },
  }
}

function packageFolder(id: string): string | undefined {
  return /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = manifestSchema.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')))
  const file = existsSync(folder) ? (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry)) : undefined
  const text = file === undefined ? `Licence: ${license ?? 'unknown'}` : await readFile(join(folder, file), 'utf8')
  return `${name} ${version}\n\n${text.trim()}\n`
}
