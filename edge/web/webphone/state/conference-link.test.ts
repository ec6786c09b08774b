import { describe, expect, test } from 'vitest'
import {
  conferenceLink,
  isMeeting,
  newConferenceId,
  parseConference,
  readableConference,
  roomIdOf,
  visitedDomain,
} from './conference-link.ts'

const id = 'wac-conf48213907715526840913'

describe('a new id', () => {
  test('has the prefix and twenty digits', () => {
    expect(newConferenceId((size) => crypto.getRandomValues(new Uint8Array(size)))).toMatch(/^wac-conf\d{20}$/u)
  })

  test('leaves out bytes that would favour some digits', () => {
    const rounds = [new Uint8Array(20).fill(255), new Uint8Array(20).fill(17)]
    expect(newConferenceId(() => rounds.shift() ?? new Uint8Array(20))).toBe(`wac-conf${'7'.repeat(20)}`)
  })
})

describe('what somebody pastes', () => {
  test.each([
    ['its link', conferenceLink(id, 'https://calls.example.com')],
    ['a link with more in it', `https://calls.example.com/?x=1&room=${id}&test#top`],
    ['its id', `  ${id} `],
    ['its digits', '48213907715526840913'],
    ['its digits in groups', readableConference(id)],
  ])('%s is found', (_, text) => {
    expect(parseConference(text)).toBe(id)
  })

  test.each(['', 'hello', 'https://calls.example.com/', '123', '?room=', '?room=%E0%A4%A', '?room=<script>'])('%j is none', (text) => {
    expect(parseConference(text)).toBeNull()
  })
})

describe('a meeting', () => {
  const uri = 'wac-meeting:01980000-0000-7000-8000-000000000001'
  const address = `${uri}.${'k'.repeat(22)}@acme.test`

  test.each([
    ['its link', conferenceLink(address, 'https://calls.example.com')],
    ['what the link holds', ` ${address} `],
  ])('is found by %s', (_, text) => {
    expect(parseConference(text)).toBe(address)
  })

  test('is known by its id alone, to which the key and the domain do not belong', () => {
    expect(parseConference(uri)).toBe(uri)
    expect([roomIdOf(address), roomIdOf(uri), roomIdOf(id)]).toEqual([uri, uri, id])
    expect([visitedDomain(address), visitedDomain(uri), visitedDomain(id)]).toEqual(['acme.test', undefined, undefined])
    expect([isMeeting(address), isMeeting(uri), isMeeting(id)]).toEqual([true, true, false])
  })
})
