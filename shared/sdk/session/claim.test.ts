import { expect, test } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { silentLogger } from '../testing/sockets.ts'
import { claimSession } from './claim.ts'
import { environmentOf } from './Environment.ts'

const tab = { ...environmentOf({ url: 'https://calls.example.com', logger: silentLogger }), isTabStorage: true }

test('a page that was copied with its storage does not get the session of the one it was copied from', async () => {
  const sessionId = newId()
  const original = await claimSession(tab, sessionId)
  expect(original?.sessionId).toBe(sessionId)
  expect(await claimSession(tab, sessionId)).toBeNull()
  original?.release()
  expect(await claimSession(tab, sessionId)).not.toBeNull()
})

test('a page that is reloaded gets it as soon as its predecessor is gone', async () => {
  const sessionId = newId()
  const before = await claimSession(tab, sessionId)
  const after = claimSession(tab, sessionId)
  setTimeout(() => before?.release(), 50)
  expect(await after).not.toBeNull()
})

test('a storage of the application’s own is its own business', async () => {
  const application = { ...tab, isTabStorage: false }
  const sessionId = newId()
  expect(await claimSession(application, sessionId)).not.toBeNull()
  expect(await claimSession(application, sessionId)).not.toBeNull()
})
