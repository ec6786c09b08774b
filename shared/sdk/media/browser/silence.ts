let context: AudioContext | null = null

/**
 * An audio track that never carries a sample, to set a sender up before its microphone is open. The
 * context behind it is never started, so it neither needs a user's gesture nor costs anything.
 */
export function silentTrack(): MediaStreamTrack {
  context ??= new AudioContext()
  const [track] = context.createMediaStreamDestination().stream.getAudioTracks()
  if (track === undefined) throw new TypeError('A destination without a track')
  return track
}
