import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { deploymentProvidersSchema } from '#shared/protocol/sapi/federation.ts'
import { parseStartConfig, StartConfigError } from './config.ts'

const parse = (text: string) => parseStartConfig({ RINGWAY_OAUTH_PROVIDERS: text }, { root: '/project' }).oauthProviders
const google = { name: 'google', issuer: 'https://accounts.google.com', clientId: 'id', clientSecret: 'hush' }

it('are read from the environment, their defaults filled in', () => {
  const providers = deploymentProvidersSchema.parse(JSON.parse(parse(JSON.stringify([google])) ?? ''))
  expect(providers).toMatchObject([{ ...google, scopes: ['openid', 'profile', 'email'], enabled: true }])
  expect(parse('')).toBeUndefined()
})

it('are read from a folder with a file for each', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringway-providers-'))
  try {
    writeFileSync(join(folder, 'b.json'), JSON.stringify({ ...google, name: 'b' }))
    writeFileSync(join(folder, 'a.json'), JSON.stringify({ ...google, name: 'a' }))
    writeFileSync(join(folder, 'README'), 'not one')
    expect(JSON.parse(parse(folder) ?? '')).toMatchObject([{ name: 'a' }, { name: 'b' }])
    writeFileSync(join(folder, 'c.json'), '{')
    expect(() => parse(folder)).toThrow(/must be a list of login providers in JSON, or a folder with a JSON file for each: 2/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it.each(['/no/such/folder', '[', '{}', '[{}]', JSON.stringify([{ ...google, clientId: 7 }]), JSON.stringify([google, google])])(
  'are not %s, and no secret is shown',
  (text) => {
    const attempt = () => parse(text)
    expect(attempt).toThrow(StartConfigError)
    expect(attempt).toThrow(/^RINGWAY_OAUTH_PROVIDERS must be a list of login providers/)
    expect(attempt).not.toThrow(/hush/)
  },
)
