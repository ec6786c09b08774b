import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { deploymentProvidersSchema } from '#shared/protocol/sapi/federation.ts'

/**
 * `RINGWAY_OAUTH_PROVIDERS`, as JSON for the Worker: a list of login providers, or a folder with a JSON file
 * for each. What is wrong is named by its place and never shown, for it holds client secrets.
 */
export const oauthProvidersSchema = z.string().transform((text, context) => {
  const providers = deploymentProvidersSchema.safeParse(text.trimStart().startsWith('[') ? jsonOf(text) : filesIn(resolve(text)))
  if (providers.success) return JSON.stringify(providers.data)
  const [issue] = providers.error.issues
  const where = issue === undefined || issue.path.length === 0 ? '' : `: ${issue.path.join('.')}`
  context.addIssue({ code: 'custom', message: `must be a list of login providers in JSON, or a folder with a JSON file for each${where}` })
  return z.NEVER
})

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function filesIn(folder: string): unknown {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
    return names.toSorted().map((name) => jsonOf(readFileSync(join(folder, name), 'utf8')))
  } catch {
    return undefined
  }
}
