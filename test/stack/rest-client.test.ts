import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientFile, generateClient } from '#infra/rest-client/generate.ts'
import { runCommand } from '#infra/system/run-command.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

/** The document that a whole Ringway serves, made into a TypeScript client by a generator, compiled, and used. */

const root = resolve(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'ringway-rest-client-'))
const options = ['--strict', '--target', 'es2024', '--lib', 'es2024,dom,dom.iterable', '--module', 'nodenext', '--moduleDetection', 'force']

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ web: true })
})

afterAll(async () => {
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('the document is served under both prefixes, to anybody and any page', async () => {
  const answers = await Promise.all(['/sapi/openapi.json', '/wac/sapi/openapi.json'].map((path) => fetch(`${stack.url}${path}`)))
  for (const answer of answers) {
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  }
  const [text, other] = await Promise.all(answers.map((answer) => answer.text()))
  expect(text).toBe(other)
  expect(JSON.parse(text ?? '')).toMatchObject({ openapi: '3.1.1', info: { title: 'Ringway REST API' } })
})

test('the generated client compiles strictly, and does what a developer wants of it', async () => {
  await generateClient({ document: `${stack.url}/sapi/openapi.json`, folder })
  copyFileSync(join(import.meta.dirname, 'rest-client', 'usage.ts'), join(folder, 'usage.ts'))
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  await runCommand(tsc, [...options, '--rewriteRelativeImportExtensions', '--outDir', join(folder, 'out'), 'usage.ts', clientFile], {
    cwd: folder,
  })

  const usage = await import(/* @vite-ignore */ pathToFileURL(join(folder, 'out', 'usage.js')).href)
  const api = await usage.connect(stack.url, { username: stack.admin.account, password: stack.admin.password })
  const { domainId, users } = await usage.createTenant(api, 'client.example')
  const [alice] = users
  expect(users).toMatchObject([{ username: 'alice' }, { username: 'bob' }, { username: 'carol' }])
  expect(await usage.givePassword(api, alice, 'a long password')).toMatch(/^[\w-]{36}$/)
  expect(await usage.allUsernames(api, 'client.example')).toEqual({ usernames: ['alice', 'bob', 'carol'], pages: 2 })
  expect(await usage.codeOfDuplicate(api, { domain: 'client.example', username: 'alice' })).toBe('taken')
  expect(await usage.renameOnce(api, alice)).toEqual({ alias: 'Alice A.', second: 412 })

  const own = await usage.connect(stack.url, { username: 'alice@client.example', password: 'a long password' })
  expect((await own.users.getOwnUser()).data).toMatchObject({ id: alice.id, alias: 'Alice A.' })
  expect((await own.domains.getDomain(domainId)).data).toMatchObject({ domain: 'client.example' })
  await expect(own.users.listUsers()).rejects.toMatchObject({ status: 403, error: { code: 'forbidden' } })
})
