import type { MediaEngine } from '../media/MediaEngine.ts'
import { RingwayError } from '../RingwayError.ts'
import type { CallMedia } from './CallMedia.ts'
import { type EntryMedia, sourcesOf } from './entry-media.ts'

export interface ComingIn {
  readonly engine: MediaEngine | null
  readonly media: CallMedia | null
  /**
   * Sends the request that enters, then calls `start` in the same turn, so that what negotiates media
   * follows it at once; resolves when we are in. `lostEpoch`: of transports that a reload destroyed.
   */
  enter(start: (options: { lostEpoch?: number }) => void): Promise<void>
  /** Tells of a camera that could not be opened. */
  report(error: unknown): void
}

/**
 * Opens devices, enters, and negotiates, all at once. Rejects where entering or the microphone is refused;
 * a camera that is refused is reported afterwards, and the call goes on without it.
 */
export async function comeIn(what: EntryMedia, call: ComingIn): Promise<void> {
  if (call.media === null && sourcesOf(what).length > 0) throw RingwayError.ofDevice('mediaNotSupported')
  let opening: Opening | null = null
  // Nobody is rung, and nobody is answered, while the user is still being asked for permission.
  if (call.engine?.mayAsk !== undefined && (await mayAsk(what, call.engine))) {
    opening = openDevices(what, call.media)
    await opening.microphone
  }
  const entered = call.enter((options) => {
    call.media?.start(options)
    call.media?.admit()
    opening ??= openDevices(what, call.media)
  })
  // Whichever fails first decides, and the other is not left unheard.
  await Promise.all([entered, opening?.microphone, entered.then(() => opening?.microphone)])
  opening?.camera.catch((error: unknown) => setTimeout(() => call.report(error)))
}

interface Opening {
  readonly microphone: Promise<void>
  readonly camera: Promise<void>
}

function openDevices(what: EntryMedia, media: CallMedia | null): Opening {
  const microphone =
    what.microphone === null
      ? undefined
      : media?.open({ source: 'microphone', ...what.microphone }, { simulcast: false, paused: what.muted })
  const camera =
    what.camera === null
      ? undefined
      : media?.open({ source: 'camera', ...what.camera }, { simulcast: what.simulcast, paused: what.cameraPaused })
  // Both are looked at later, and may have failed by then.
  microphone?.catch(() => undefined)
  camera?.catch(() => undefined)
  return { microphone: microphone ?? Promise.resolve(), camera: camera ?? Promise.resolve() }
}

async function mayAsk(what: EntryMedia, engine: MediaEngine): Promise<boolean> {
  const answers = await Promise.all(sourcesOf(what).map(async (source) => engine.mayAsk?.(source) ?? false))
  return answers.includes(true)
}
