import { expect, it } from 'vitest'
import { newId } from '../ids/ids.ts'
import { isMeetingKey, meetingAddress, meetingUri, parseMeetingAddress } from './meeting-address.ts'

const meetingId = newId()
const key = 'AZaz09-_'.repeat(3).slice(0, 22)

it('names a meeting, with what its link says or without', () => {
  expect(parseMeetingAddress(meetingUri(meetingId))).toEqual({ meetingId })
  expect(parseMeetingAddress(meetingAddress({ meetingId, key }))).toEqual({ meetingId, key })
  expect(parseMeetingAddress(meetingAddress({ meetingId, key, domain: 'acme.test' }))).toEqual({ meetingId, key, domain: 'acme.test' })
  expect(meetingUri(meetingId)).toBe(`wac-meeting:${meetingId}`)
})

it.each([
  '',
  meetingId,
  'wac-meeting:',
  `wac-meeting:${meetingId}.`,
  `wac-meeting:${meetingId}@acme.test`,
  `wac-meeting:${meetingId}.${key}x`,
  `wac-meeting:${meetingId}.${key}@`,
  `wac-meeting:${meetingId}.${key}@a b`,
  `wac-meeting:${meetingId.toUpperCase()}`,
])('names none: %j', (text) => {
  expect(parseMeetingAddress(text)).toBeUndefined()
})

it('tells a key from a ticket', () => {
  expect(isMeetingKey(key)).toBe(true)
  for (const other of ['', 'a.b.c', `${key}x`, `${key.slice(1)}.`]) expect(isMeetingKey(other)).toBe(false)
})
