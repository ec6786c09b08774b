import { describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { defaultSettings } from '#shared/protocol/settings.ts'
import { isIdOfRoom, nameOfRoom, parseRoomId } from './room-ids.ts'

const settings = defaultSettings.conferences
const digits = '01234567890123456789'
const domainId = newId()
const meetingId = newId()

describe('parseRoomId', () => {
  it('knows UUIDs in lower case', () => {
    const uuid = newId()
    expect(parseRoomId(uuid, settings)).toEqual({ kind: 'uuid', uuid })
    expect(parseRoomId(uuid.toUpperCase(), settings)).toBeUndefined()
    expect(parseRoomId(`${uuid}0`, settings)).toBeUndefined()
  })

  it('knows quick conferences of just the digits that the domain wants', () => {
    expect(parseRoomId(`wac-conf${digits}`, settings)).toEqual({ kind: 'quickConference', digits })
    expect(parseRoomId(`wac-conf${digits}1`, settings)).toBeUndefined()
    expect(parseRoomId(`wac-conf${digits.slice(1)}x`, settings)).toBeUndefined()
    expect(parseRoomId(`wac-conf٠${digits.slice(1)}`, settings)).toBeUndefined()
    expect(parseRoomId(digits, settings)).toBeUndefined()
    expect(parseRoomId('talk1234', { quickConferencePrefix: 'talk', quickConferenceDigits: 4 })).toEqual({
      kind: 'quickConference',
      digits: '1234',
    })
  })

  it('knows meetings, without the key of a link', () => {
    expect(parseRoomId(`wac-meeting:${meetingId}`, settings)).toEqual({ kind: 'meeting', meetingId })
    for (const other of [
      `wac-meeting:${meetingId}.${'k'.repeat(22)}`,
      `wac-meeting:${meetingId.toUpperCase()}`,
      'wac-meeting:',
      `m:${meetingId}`,
    ])
      expect(parseRoomId(other, settings)).toBeUndefined()
  })

  it.each(['', 'r', `r:${domainId}:${newId()}`, '../x', `wac-conf${digits}\n`, 'wac-conf'])('knows nothing else: %j', (roomId) => {
    expect(parseRoomId(roomId, settings)).toBeUndefined()
  })
})

describe('names', () => {
  it('lie in the domain, and belong to their ids', () => {
    const uuid = newId()
    const room = nameOfRoom({ kind: 'uuid', uuid }, { domainId, isUser: false })
    const personal = nameOfRoom({ kind: 'uuid', uuid }, { domainId, isUser: true })
    const conference = nameOfRoom({ kind: 'quickConference', digits }, { domainId, isUser: false })
    const meeting = nameOfRoom({ kind: 'meeting', meetingId }, { domainId, isUser: false })
    expect([room, personal, conference, meeting]).toEqual([
      `r:${domainId}:${uuid}`,
      `p:${domainId}:${uuid}`,
      `c:${domainId}:${digits}`,
      `m:${domainId}:${meetingId}`,
    ])
    expect(isIdOfRoom(`wac-meeting:${meetingId}`, meeting)).toBe(true)
    expect(isIdOfRoom(meetingId, meeting)).toBe(false)
    expect(isIdOfRoom(`wac-meeting:${newId()}`, meeting)).toBe(false)
    expect(isIdOfRoom(uuid, room)).toBe(true)
    expect(isIdOfRoom(uuid, personal)).toBe(true)
    expect(isIdOfRoom(`wac-conf${digits}`, conference)).toBe(true)
    expect(isIdOfRoom(newId(), room)).toBe(false)
    expect(isIdOfRoom(`wac-conf${digits.slice(1)}`, conference)).toBe(false)
    expect(isIdOfRoom('anything', 'malformed')).toBe(false)
    expect(isIdOfRoom('anything', 'c:domain:')).toBe(false)
  })
})
