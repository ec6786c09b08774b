import { AppError } from '#shared/errors/AppError.ts'
import { type HostTest, parseDeploymentOrigins } from '#edge/domain/entry/deployment-origins.ts'
import type { Env } from '#edge/env.ts'

export type OriginsEnv = Pick<Env, 'RINGWAY_CORS_ORIGINS'>

const parsed = new Map<string, HostTest>()

/** Whether the deployment itself lets pages of this host call its APIs, for users of any domain (OPS-1). */
export function isDeploymentOrigin({ RINGWAY_CORS_ORIGINS: text }: OriginsEnv, host: string): boolean {
  if (text === undefined || text === '') return false
  const test = parsed.get(text) ?? parse(text)
  parsed.set(text, test)
  return test(host)
}

function parse(text: string): HostTest {
  try {
    return parseDeploymentOrigins(text)
  } catch (cause) {
    throw new AppError('unavailable', {
      cause: new Error('RINGWAY_CORS_ORIGINS is neither a list of hosts nor a regular expression', { cause }),
    })
  }
}
