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
  /** Tells of a device that could not be opened, where the call goes on without it. */
  report(error: unknown): void
  /** The call is not to be had without the microphone that was asked for. */
  readonly needsMicrophone: boolean
}

/** Opens devices, enters, and negotiates, all at once. Rejects where entering, or a device that is needed, is refused. */
export async function comeIn(what: EntryMedia, call: ComingIn): Promise<void> {
  if (call.media === null && sourcesOf(what).length > 0) throw RingwayError.ofDevice('mediaNotSupported')
  let opening: Opening | null = null
  // Nobody is rung, and nobody is answered, while the user is still being asked for permission.
  if (call.needsMicrophone && call.engine?.mayAsk !== undefined && (await mayAsk(what, call.engine))) {
    opening = openDevices(what, call.media)
    await opening.microphone
  }
  const entered = call.enter((options) => {
    call.media?.start(options)
    call.media?.admit()
    opening ??= openDevices(what, call.media)
  })
  // Whichever fails first decides, and the other is not left unheard.
  if (call.needsMicrophone) await Promise.all([entered, opening?.microphone, entered.then(() => opening?.microphone)])
  else await entered
  // The application is to have the call before it is told what is wrong with it.
  const report = (error: unknown): void => void setTimeout(() => call.report(error))
  opening?.camera.catch(report)
  if (!call.needsMicrophone) opening?.microphone.catch(report)
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
