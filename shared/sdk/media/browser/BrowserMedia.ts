import type { Source } from '#shared/protocol/media.ts'
import type { MediaParameters } from '#shared/protocol/wapi/room.ts'
import type { CaptureRequest, LocalMedia, MediaEngine, MediaSession, MediaSessionOutput } from '../MediaEngine.ts'
import { capture } from './capture.ts'

/** Not every browser knows these names; one that does not rejects. */
const permissionOf: Readonly<Partial<Record<Source, PermissionName>>> = { microphone: 'microphone', camera: 'camera' }

/**
 * The browser's own media stack. Devices are opened right away; mediasoup-client is loaded with the first
 * session, or in advance by `preload`, so that an application does not start with it.
 */
export class BrowserMedia implements MediaEngine {
  readonly transportKind = 'webrtc'
  readonly #permissions = new Map<Source, Promise<PermissionStatus | null>>()
  #sessions: Promise<typeof import('./MediasoupSession.ts')> | null = null

  preload(): void {
    for (const source of ['microphone', 'camera'] as const) void this.#permission(source)
    this.#load().then(
      ({ preload }) => preload(),
      // The first session tells.
      () => undefined,
    )
  }

  async mayAsk(source: Source): Promise<boolean> {
    return (await this.#permission(source))?.state === 'prompt'
  }

  capture(request: CaptureRequest): Promise<readonly LocalMedia[]> {
    return capture(request)
  }

  async createSession(request: { parameters: MediaParameters; output: MediaSessionOutput }): Promise<MediaSession> {
    const { MediasoupSession } = await this.#load()
    return MediasoupSession.create(request)
  }

  #load(): Promise<typeof import('./MediasoupSession.ts')> {
    this.#sessions ??= import('./MediasoupSession.ts').catch((error: unknown) => {
      // A chunk that could not be fetched may be there next time.
      this.#sessions = null
      throw error
    })
    return this.#sessions
  }

  /** Asked once: the object follows the user's decision by itself. Null where the browser does not tell. */
  #permission(source: Source): Promise<PermissionStatus | null> {
    const known = this.#permissions.get(source)
    if (known !== undefined) return known
    const asked = queryPermission(permissionOf[source])
    this.#permissions.set(source, asked)
    return asked
  }
}

async function queryPermission(name: PermissionName | undefined): Promise<PermissionStatus | null> {
  if (name === undefined) return null
  try {
    return await navigator.permissions.query({ name })
  } catch {
    return null
  }
}
