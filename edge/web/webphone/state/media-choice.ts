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
 * not keep anyone from a call. What is known to be missing is not asked for; an attempt itself rejects
 * only for the microphone's sake (the SDK reports a camera later), or where there are no devices at all.
 * Rejects with whatever is not a device's fault.
 */
export async function withAvailableMedia<Result>(
  wanted: MediaChoice,
  options: { obstacle: (kind: CaptureKind) => Promise<string | null>; attempt: (choice: MediaChoice) => Promise<Result> },
): Promise<{ result: Result; refusals: Refusals }> {
  const [microphone, camera] = await Promise.all([
    wanted.audio === false ? null : options.obstacle('microphone'),
    wanted.video === false ? null : options.obstacle('camera'),
  ])
  const possible: MediaChoice = { audio: microphone === null && wanted.audio, video: camera === null && wanted.video }
  const refusals: Partial<Record<CaptureKind, string>> = {
    ...(microphone === null ? {} : { microphone }),
    ...(camera === null ? {} : { camera }),
  }
  const [first, ...later] = fallbacks(possible)
  try {
    return { result: await options.attempt(first), refusals }
  } catch (error) {
    let code = refusedDevice(error)
    for (const choice of later) {
      if (first.audio !== false) refusals.microphone = code
      if (first.video !== false && choice.video === false) refusals.camera = code
      try {
        return { result: await options.attempt(choice), refusals }
      } catch (again) {
        code = refusedDevice(again)
      }
    }
    throw error
  }
}

/** From what is wanted to nothing at all. */
function fallbacks(choice: MediaChoice): [MediaChoice, ...MediaChoice[]] {
  const none: MediaChoice = { audio: false, video: false }
  if (choice.audio === false && choice.video === false) return [none]
  if (choice.audio === false || choice.video === false) return [choice, none]
  return [choice, { ...choice, audio: false }, none]
}

/** The code of a device's refusal; anything else is thrown on. */
function refusedDevice(error: unknown): string {
  const code = codeOf(error)
  if (!isDeviceError(code)) throw error
  return code
}
