import { expect, it } from 'vitest'
import { newId } from '../ids/ids.ts'
import { isMeetingKey, meetingAddress, meetingUri, parseMeetingAddress } from './meeting-address.ts'

const meetingId = newId()
const key = 'AZaz09-_'.repeat(3).slice(0, 22)

it('names a meeting, with or without the key of its link', () => {
  expect(parseMeetingAddress(meetingUri(meetingId))).toEqual({ meetingId })
  expect(meetingAddress({ meetingId })).toBe(`wac-meeting:${meetingId}`)
  expect(parseMeetingAddress(meetingAddress({ meetingId, key }))).toEqual({ meetingId, key })
})

it.each([
  '',
  meetingId,
  'wac-meeting:',
  `wac-meeting:${meetingId}.`,
  `wac-meeting:${meetingId}.${key}x`,
  `wac-meeting:${meetingId.toUpperCase()}`,
])('names none: %j', (text) => {
  expect(parseMeetingAddress(text)).toBeUndefined()
})

it('tells a key from a ticket', () => {
  expect(isMeetingKey(key)).toBe(true)
  for (const other of ['', 'a.b.c', `${key}x`, `${key.slice(1)}.`]) expect(isMeetingKey(other)).toBe(false)
})
