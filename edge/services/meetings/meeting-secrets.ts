import { randomText, toBase64Url, utf8 } from '#edge/auth/bytes.ts'
import { macKey } from '#edge/auth/mac-key.ts'
import { type SecretBox, secretBox } from '#edge/auth/secret-box.ts'
import type { MeetingRow } from '#edge/db/d1/meetings.ts'
import { newPin } from '#edge/domain/meetings/pin.ts'
import type { Env } from '#edge/env.ts'

/**
 * The secrets of a meeting: the key of its link and the PIN of its dial-in. Whoever may read the meeting is shown
 * them again, so they are sealed rather than hashed. A PIN is looked up by what a caller enters: for that, and so
 * that no two meetings on one number have the same, there is also a hash of number and PIN. It is keyed, since
 * eight digits are guessed in no time. The number may be shared by many domains; that a caller is in the domain
 * of the meeting is something that no telephone tells.
 */
export type MeetingSecrets = Pick<MeetingRow, 'linkKey' | 'extension' | 'pin' | 'pinHash'>

type SecretsEnv = Pick<Env, 'RINGWAY_MASTER_KEY'>

const boxOf = (env: SecretsEnv): Promise<SecretBox> => secretBox(env.RINGWAY_MASTER_KEY, 'meetings')

const linkKeyName = (meetingId: string): string => `link key of ${meetingId}`
const pinName = (meetingId: string): string => `pin of ${meetingId}`

/** `extension` null: the meeting is not joined by telephone. */
export async function newMeetingSecrets(env: SecretsEnv, meetingId: string, extension: string | null): Promise<MeetingSecrets> {
  const box = await boxOf(env)
  const linkKey = await box.seal(randomText(16), linkKeyName(meetingId))
  if (extension === null) return { linkKey, extension, pin: null, pinHash: null }
  const pin = newPin(() => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0)
  return { linkKey, extension, pin: await box.seal(pin, pinName(meetingId)), pinHash: await pinHashOf(env, { extension, pin }) }
}

async function pinHashOf(env: SecretsEnv, { extension, pin }: { extension: string; pin: string }): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', await macKey(env, 'meeting pins'), utf8(`${extension}\n${pin}`))
  return toBase64Url(new Uint8Array(mac))
}

export interface OpenedSecrets {
  readonly linkKey: string
  readonly ddi: { readonly extension: string; readonly pin: string } | null
}

type Sealed = Pick<MeetingRow, 'id' | 'linkKey' | 'extension' | 'pin'>

/** Opens those of many meetings. */
export async function secretsOpener(env: SecretsEnv): Promise<(meeting: Sealed) => Promise<OpenedSecrets>> {
  const box = await boxOf(env)
  return async ({ id, linkKey, extension, pin }) => ({
    linkKey: await box.open(linkKey, linkKeyName(id)),
    ddi: extension === null || pin === null ? null : { extension, pin: await box.open(pin, pinName(id)) },
  })
}

/** In constant time. */
export async function isLinkKey(env: SecretsEnv, meeting: Sealed, candidate: string): Promise<boolean> {
  const expected = utf8(await (await boxOf(env)).open(meeting.linkKey, linkKeyName(meeting.id)))
  const given = utf8(candidate)
  return given.byteLength === expected.byteLength && crypto.subtle.timingSafeEqual(given, expected)
}
