import { parseMeetingAddress } from '#shared/protocol/meeting-address.ts'
import { type MeetingView, meetingSchema } from '#shared/protocol/sapi/meetings.ts'
import { call, createDomain, createUser, expectJson, type Made, startAnew, tokenOf } from './api.ts'

/** People who meet, in two domains of which the first takes visitors. */

export const services = { login: [], contacts: ['wac'], callcontrol: [], meetings: [] }
export const validSince = Date.UTC(2031, 4, 4, 9)
export const validUntil = validSince + 3_600_000
export const body = { name: 'Weekly', validSince, validUntil }

type Name = 'alice' | 'bob' | 'carol' | 'boss' | 'eve' | 'chief'

export const people: Record<Name, Made & { token: string }> = Object.create(null)

export async function gatherPeople(): Promise<void> {
  await startAnew()
  await createDomain('acme.test', { services, enableAnonymous: true })
  await createDomain('evil.test', { services })
  const person = async (name: Name, domain: string, fields: Record<string, unknown> = {}) => {
    const made = await createUser(domain, name, fields)
    people[name] = { ...made, token: await tokenOf(`${name}@${domain}`) }
  }
  for (const name of ['alice', 'bob', 'carol'] as const) await person(name, 'acme.test')
  await person('boss', 'acme.test', { role: 'admin' })
  await person('eve', 'evil.test')
  await person('chief', 'evil.test', { role: 'admin' })
}

export const post = (json: Record<string, unknown>, token = people.alice.token): Promise<Response> =>
  call('/sapi/meetings', { json, token })

/** By alice unless said otherwise. */
export async function create(fields: Record<string, unknown> = {}, token?: string): Promise<MeetingView> {
  return meetingSchema.strict().parse(await expectJson(await post({ ...body, ...fields }, token), 201))
}

export const path = (meeting: { id: string }): string => `/sapi/meetings/${meeting.id}`

export const linkOf = ({ url }: MeetingView) => parseMeetingAddress(new URL(url).searchParams.get('room') ?? '')

/** Of the meetings in a list. */
export const names = async (query: string, token: string): Promise<string[]> =>
  (await expectJson<MeetingView[]>(await call(`/sapi/meetings?${query}`, { token }), 200)).map(({ name }) => name)
