import type { Source } from '#shared/protocol/media.ts'
import type { OfferedMedia } from '#shared/protocol/wapi/hub.ts'
import type { MicrophoneOptions, VideoOptions } from '../api/call.ts'
import type { CallMedia } from './CallMedia.ts'
import type { CallIntents } from './CallMemory.ts'
import type { LocalPublication } from './LocalPublications.ts'

/** What to publish when coming in; null: not that. */
export interface EntryMedia {
  readonly microphone: MicrophoneOptions | null
  readonly muted: boolean
  readonly camera: VideoOptions | null
  readonly cameraPaused: boolean
  readonly simulcast: boolean
}

export function entryMediaOf(options: {
  audio?: boolean | MicrophoneOptions
  video?: boolean | VideoOptions
  simulcast?: boolean
}): EntryMedia {
  return {
    microphone: optionsOf<MicrophoneOptions>(options.audio ?? true, {}),
    muted: false,
    camera: optionsOf<VideoOptions>(options.video ?? false, {}),
    cameraPaused: false,
    simulcast: options.simulcast ?? false,
  }
}

export const offeredMediaOf = (media: EntryMedia): OfferedMedia => ({ audio: media.microphone !== null, video: media.camera !== null })

export const sourcesOf = (media: EntryMedia): Source[] => [
  ...(media.microphone === null ? [] : ['microphone' as const]),
  ...(media.camera === null ? [] : ['camera' as const]),
]

/** What is published now, in the form that comes in again. */
export function intentsOf(publications: CallMedia['publications'], options: { simulcast: boolean }): CallIntents {
  const microphone = publications.get('microphone')
  const camera = publications.get('camera')
  return {
    microphone: microphone === undefined ? null : requestOf(microphone, 'microphone'),
    muted: microphone?.paused ?? false,
    camera: camera === undefined ? null : requestOf(camera, 'camera'),
    cameraPaused: camera?.paused ?? false,
    simulcast: options.simulcast,
  }
}

function optionsOf<Options extends object>(wanted: boolean | Options, asIs: Options): Options | null {
  if (wanted === false) return null
  return wanted === true ? asIs : wanted
}

function requestOf(publication: LocalPublication, source: 'microphone' | 'camera') {
  if (publication.request.source !== source) return null
  const { source: _, ...options } = publication.request
  return options
}
