import { AppError } from '#shared/errors/AppError.ts'

/** A body that trickles in holds memory and a request; this long is enough for the largest over a poor line. */
const patienceMs = 10_000

/**
 * The first `limit` bytes of a body; the rest is neither read nor waited for.
 * @throws AppError `requestTimeout` where they take too long.
 */
export async function readAtMost(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
  { patience = patienceMs }: { patience?: number } = {},
): Promise<Uint8Array> {
  if (body === null) return new Uint8Array()
  const reader = body.getReader()
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError('requestTimeout')), patience)
  })
  try {
    return await Promise.race([collect(reader, limit), tooLate])
  } finally {
    clearTimeout(timer)
    // Of a body that has ended, this does nothing.
    reader.cancel().catch(() => {})
  }
}

async function collect(reader: ReadableStreamDefaultReader<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  while (length < limit) {
    const { done, value } = await reader.read()
    if (done) break
    const chunk = value.subarray(0, limit - length)
    chunks.push(chunk)
    length += chunk.byteLength
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}
