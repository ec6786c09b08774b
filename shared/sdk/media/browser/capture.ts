import type { Source } from '#shared/protocol/media.ts'
import { type DeviceErrorCode, RingwayError } from '../../RingwayError.ts'
import { mediaDevices } from '../devices.ts'
import type { CaptureRequest, LocalMedia } from '../MediaEngine.ts'

/** Names of DOMExceptions, as Media Capture and Streams §10.1 and Screen Capture §5.1 use them. */
const codes: Readonly<Record<string, DeviceErrorCode>> = {
  NotAllowedError: 'deviceNotAllowed',
  SecurityError: 'deviceNotAllowed',
  NotFoundError: 'deviceNotFound',
  OverconstrainedError: 'deviceNotFound',
  NotReadableError: 'deviceInUse',
  AbortError: 'deviceInUse',
}

/** Opens a device. @throws RingwayError */
export async function capture(request: CaptureRequest): Promise<readonly LocalMedia[]> {
  const devices = mediaDevices()
  try {
    const stream =
      request.source === 'screen' ? await devices.getDisplayMedia(screenConstraints) : await devices.getUserMedia(constraintsOf(request))
    return stream.getTracks().map((track) => new BrowserLocalMedia(sourceOf(request.source, track), track))
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : ''
    throw RingwayError.ofDevice(codes[name] ?? 'mediaNotSupported', { cause })
  }
}

const screenConstraints: DisplayMediaStreamOptions = { video: { frameRate: { max: 15 } }, audio: true }

function constraintsOf(request: Exclude<CaptureRequest, { source: 'screen' }>): MediaStreamConstraints {
  const device = request.deviceId === undefined ? {} : { deviceId: { exact: request.deviceId } }
  if (request.source === 'microphone') {
    return { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...device } }
  }
  const { width = 1280, height = 720, frameRate = 30, facingMode } = request
  const facing = facingMode === undefined ? {} : { facingMode: { ideal: facingMode } }
  return { video: { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: frameRate }, ...facing, ...device } }
}

function sourceOf(asked: CaptureRequest['source'], track: MediaStreamTrack): Source {
  return asked === 'screen' && track.kind === 'audio' ? 'screen-audio' : asked
}

class BrowserLocalMedia implements LocalMedia {
  readonly source: Source
  readonly track: MediaStreamTrack

  constructor(source: Source, track: MediaStreamTrack) {
    this.source = source
    this.track = track
    // Text must stay sharp; frames may be dropped.
    if (source === 'screen') track.contentHint = 'detail'
  }

  get deviceId(): string | null {
    return this.track.getSettings().deviceId ?? null
  }

  setEnabled(enabled: boolean): void {
    this.track.enabled = enabled
  }

  onEnded(listener: () => void): void {
    this.track.addEventListener('ended', listener, { once: true })
  }

  stop(): void {
    this.track.stop()
  }
}
