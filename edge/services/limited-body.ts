/** The first `limit` bytes of a body; the rest is neither read nor waited for. */
export async function readAtMost(body: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  if (body !== null) {
    for await (const chunk of body) {
      chunks.push(chunk.subarray(0, limit - length))
      length += Math.min(chunk.byteLength, limit - length)
      if (length >= limit) break
    }
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}
