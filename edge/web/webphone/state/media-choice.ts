import type { MicrophoneOptions, VideoOptions } from '#shared/sdk/index.ts'
import { codeOf } from './phone-client.ts'
import type { CaptureKind } from './DevicesStore.ts'

/** What a call starts with, in the form that the SDK takes. */
export interface MediaChoice {
  readonly audio: boolean | MicrophoneOptions
  readonly video: boolean | VideoOptions
}

/** Why a device that was wanted is not there, by its error code. */
export type Refusals = Readonly<Partial<Record<CaptureKind, string>>>

const deviceErrorCodes: ReadonlySet<string> = new Set([
  'deviceNotAllowed',
  'deviceNotFound',
  'deviceInUse',
  'deviceEnded',
  'mediaNotSupported',
])

export const isDeviceError = (code: string): boolean => deviceErrorCodes.has(code)

/**
 * Runs `attempt` with as many of the wanted devices as can be had: a refused camera or microphone must
 * not keep anyone from a call. Which of two devices was refused is found by trying without the camera
 * first. Rejects with whatever is not a device's fault.
 */
export async function withAvailableMedia<Result>(
  wanted: MediaChoice,
  options: { obstacle: (kind: CaptureKind) => Promise<string | null>; attempt: (choice: MediaChoice) => Promise<Result> },
): Promise<{ result: Result; refusals: Refusals }> {
  const [microphone, camera] = await Promise.all([
    wanted.audio === false ? null : options.obstacle('microphone'),
    wanted.video === false ? null : options.obstacle('camera'),
  ])
  const known: Refusals = { ...(microphone === null ? {} : { microphone }), ...(camera === null ? {} : { camera }) }
  const possible: MediaChoice = { audio: microphone === null && wanted.audio, video: camera === null && wanted.video }

  let code = 'deviceNotAllowed'
  for (const choice of fallbacks(possible)) {
    try {
      const result = await options.attempt(choice)
      return { result, refusals: { ...known, ...dropped(possible, choice, code) } }
    } catch (error) {
      code = codeOf(error)
      if (!isDeviceError(code) || (choice.audio === false && choice.video === false)) throw error
    }
  }
  throw new TypeError('The last fallback uses no device and cannot be refused one')
}

function fallbacks(choice: MediaChoice): MediaChoice[] {
  const none: MediaChoice = { audio: false, video: false }
  if (choice.audio === false && choice.video === false) return [none]
  if (choice.audio === false || choice.video === false) return [choice, none]
  return [choice, { ...choice, video: false }, { ...choice, audio: false }, none]
}

function dropped(wanted: MediaChoice, got: MediaChoice, code: string): Refusals {
  return {
    ...(wanted.audio !== false && got.audio === false ? { microphone: code } : {}),
    ...(wanted.video !== false && got.video === false ? { camera: code } : {}),
  }
}
