import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const sampleRate = 48_000
const seconds = 8
/** Of the voice, and how much of each overtone there is. */
const pitch = 140
const overtones = [1, 0.8, 0.6, 0.5, 0.35, 0.3, 0.2, 0.15] as const
const syllablesPerSecond = 4

/**
 * A WAV file of something that noise suppression takes for a voice: syllables of a harmonic sound,
 * loud from the first sample on, without a pause. Chromium plays it in a loop as its microphone.
 */
export function writeVoice(): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'ringway-bench-voice-'))
  const path = join(folder, 'voice.wav')
  writeFileSync(path, wavOf(Float64Array.from({ length: sampleRate * seconds }, (_, index) => voiceAt(index / sampleRate))))
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function voiceAt(time: number): number {
  const glide = pitch * (1 + 0.08 * Math.sin(2 * Math.PI * 0.7 * time))
  const sound = overtones.reduce((sum, share, index) => sum + share * Math.sin(2 * Math.PI * glide * (index + 1) * time), 0)
  const syllable = 0.55 + 0.45 * Math.cos(2 * Math.PI * syllablesPerSecond * time)
  return 0.15 * sound * syllable
}

/** 16-bit mono PCM in a RIFF container. */
function wavOf(samples: Float64Array): Buffer {
  const bytes = Buffer.alloc(44 + samples.length * 2)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(36 + samples.length * 2, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(sampleRate, 24)
  bytes.writeUInt32LE(sampleRate * 2, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(samples.length * 2, 40)
  samples.forEach((sample, index) => bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), 44 + index * 2))
  return bytes
}
