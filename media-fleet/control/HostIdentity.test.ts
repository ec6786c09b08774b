import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HostIdentityStore } from './HostIdentity.ts'

const identity = { hostId: '0193f1d4-6f1e-7b43-9d0a-3f6f6d3a7f10', hostKey: 'key' }

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringway-host-'))
})

afterEach(() => rm(folder, { recursive: true }))

it('keeps the identity, for its owner only', async () => {
  const inner = join(folder, 'state', 'host')
  const store = new HostIdentityStore({ folder: inner })
  expect(await store.load()).toBeUndefined()
  await store.save(identity)
  await store.save(identity)
  expect(await store.load()).toEqual(identity)
  expect(await readdir(inner)).toEqual(['host.json'])
  expect((await stat(join(inner, 'host.json'))).mode & 0o777).toBe(0o600)
  expect((await stat(inner)).mode & 0o777).toBe(0o700)
})

it('forgets it', async () => {
  const store = new HostIdentityStore({ folder })
  await store.save(identity)
  await store.forget()
  await store.forget()
  expect(await store.load()).toBeUndefined()
})

it.each(['', '{', '{}', '{"hostId":"x","hostKey":"y"}'])('takes %j for no identity', async (text) => {
  await writeFile(join(folder, 'host.json'), text)
  expect(await new HostIdentityStore({ folder }).load()).toBeUndefined()
})
