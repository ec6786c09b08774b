import { describe, expect, it } from 'vitest'
import { readAtMost } from './limited-body.ts'

/** Chunks in turn; then the end, or nothing ever. Notes when it is no longer wanted. */
function body(chunks: readonly number[], options: { ends: boolean }) {
  const noted = { cancelled: false }
  const left = [...chunks]
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const size = left.shift()
      if (size !== undefined) controller.enqueue(new Uint8Array(size).fill(7))
      else if (options.ends) controller.close()
      else return new Promise(() => {})
      return undefined
    },
    cancel() {
      noted.cancelled = true
    },
  })
  return { stream, noted }
}

describe('readAtMost', () => {
  it('reads a body to its end, and nothing where there is none', async () => {
    expect(await readAtMost(body([3, 0, 4], { ends: true }).stream, 100)).toEqual(new Uint8Array(7).fill(7))
    expect((await readAtMost(null, 100)).byteLength).toBe(0)
  })

  it('stops at the limit and lets the rest go', async () => {
    const { stream, noted } = body([8, 8, 8], { ends: false })
    expect((await readAtMost(stream, 10)).byteLength).toBe(10)
    expect(noted.cancelled).toBe(true)
  })

  it('does not wait for a body that trickles or stops', async () => {
    const { stream, noted } = body([1], { ends: false })
    await expect(readAtMost(stream, 10, { patience: 50 })).rejects.toMatchObject({ code: 'requestTimeout', status: 408 })
    expect(noted.cancelled).toBe(true)
  })
})
