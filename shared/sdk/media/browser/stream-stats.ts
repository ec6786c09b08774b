import type { StreamStats, TransportStats } from '../MediaEngine.ts'

/** Members of the dictionaries of webrtc-stats that are read here; every one of them may be missing. */
interface Entry {
  readonly type: string
  readonly id: string
  readonly [member: string]: unknown
}

/** Figures of one sender: its encodings together. */
export function senderStats(report: RTCStatsReport): StreamStats {
  const entries = entriesOf(report)
  const outbound = entries.filter(({ type }) => type === 'outbound-rtp')
  const remote = entries.filter(({ type }) => type === 'remote-inbound-rtp')
  const largest = outbound.toSorted((a, b) => size(b) - size(a))[0]
  return {
    bytes: sum(outbound, 'bytesSent'),
    packets: sum(outbound, 'packetsSent'),
    packetsLost: sum(remote, 'packetsLost'),
    jitter: largestOf(remote, 'jitter'),
    roundTripTime: largestOf(remote, 'roundTripTime'),
    mimeType: mimeTypeOf(entries, outbound[0]),
    frames: outbound.some((entry) => entry['framesEncoded'] !== undefined) ? sum(outbound, 'framesEncoded') : null,
    framesPerSecond: number(largest, 'framesPerSecond'),
    width: number(largest, 'frameWidth'),
    height: number(largest, 'frameHeight'),
    audioEnergy: null,
    samples: null,
    concealedSamples: null,
  }
}

/** Figures of one receiver. */
export function receiverStats(report: RTCStatsReport): StreamStats {
  const entries = entriesOf(report)
  const inbound = entries.find(({ type }) => type === 'inbound-rtp')
  const isAudio = inbound?.['kind'] === 'audio'
  return {
    bytes: number(inbound, 'bytesReceived') ?? 0,
    packets: number(inbound, 'packetsReceived') ?? 0,
    packetsLost: number(inbound, 'packetsLost') ?? 0,
    jitter: number(inbound, 'jitter'),
    roundTripTime: null,
    mimeType: mimeTypeOf(entries, inbound),
    frames: isAudio ? null : number(inbound, 'framesDecoded'),
    framesPerSecond: number(inbound, 'framesPerSecond'),
    width: number(inbound, 'frameWidth'),
    height: number(inbound, 'frameHeight'),
    audioEnergy: number(inbound, 'totalAudioEnergy'),
    samples: number(inbound, 'totalSamplesReceived'),
    concealedSamples: number(inbound, 'concealedSamples'),
  }
}

/** The path in use of a peer connection. */
export function pathStats(report: RTCStatsReport): Pick<TransportStats, 'roundTripTime' | 'availableOutgoingBitrate' | 'path'> {
  const entries = entriesOf(report)
  const selected = entries.find(({ type }) => type === 'transport')?.['selectedCandidatePairId']
  const pair =
    entries.find(({ id }) => id === selected) ??
    entries.find((entry) => entry.type === 'candidate-pair' && entry['nominated'] === true && entry['state'] === 'succeeded')
  const local = entries.find(({ id }) => id === pair?.['localCandidateId'])
  return {
    roundTripTime: number(pair, 'currentRoundTripTime'),
    availableOutgoingBitrate: number(pair, 'availableOutgoingBitrate'),
    path: local === undefined ? null : pathOf(local),
  }
}

/** `relayProtocol` is there for relayed candidates only (W3C WebRTC Statistics §8.21). */
function pathOf(candidate: Entry): TransportStats['path'] {
  if (candidate['candidateType'] !== 'relay') return 'direct'
  const protocol = candidate['relayProtocol']
  return protocol === 'udp' || protocol === 'tcp' || protocol === 'tls' ? protocol : null
}

function entriesOf(report: RTCStatsReport): Entry[] {
  const entries: Entry[] = []
  report.forEach((entry: Entry) => entries.push(entry))
  return entries
}

const number = (entry: Entry | undefined, member: string): number | null => {
  const value = entry?.[member]
  return typeof value === 'number' ? value : null
}

const sum = (entries: readonly Entry[], member: string): number => entries.reduce((total, entry) => total + (number(entry, member) ?? 0), 0)

function largestOf(entries: readonly Entry[], member: string): number | null {
  const values = entries.map((entry) => number(entry, member)).filter((value) => value !== null)
  return values.length === 0 ? null : Math.max(...values)
}

const size = (entry: Entry): number => (number(entry, 'frameWidth') ?? 0) * (number(entry, 'frameHeight') ?? 0)

function mimeTypeOf(entries: readonly Entry[], stream: Entry | undefined): string | null {
  const mimeType = entries.find(({ id }) => id === stream?.['codecId'])?.['mimeType']
  return typeof mimeType === 'string' ? mimeType : null
}
