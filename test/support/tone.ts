const sampleRate = 48_000
const seconds = 2
const amplitude = 0.4

/**
 * A steady 440 Hz tone as a WAV file (mono, 16 bit). Without pauses there is no discontinuous
 * transmission (RFC 7587 §3.1.3), so packets come every 20 ms and any gap is a fault.
 */
export function toneWav(): Buffer {
  const samples = sampleRate * seconds
  const wav = Buffer.alloc(44 + samples * 2)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(36 + samples * 2, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(sampleRate, 24)
  wav.writeUInt32LE(sampleRate * 2, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(samples * 2, 40)
  for (let index = 0; index < samples; index++) {
    wav.writeInt16LE(Math.round(Math.sin((2 * Math.PI * 440 * index) / sampleRate) * amplitude * 32_767), 44 + index * 2)
  }
  return wav
}
