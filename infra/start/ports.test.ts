import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { claimPort, splitPorts } from './ports.ts'

describe('splitPorts', () => {
  it('gives each host an equal part that no other has', () => {
    expect(splitPorts({ min: 100, max: 199 }, 3)).toEqual([
      { min: 100, max: 132 },
      { min: 133, max: 165 },
      { min: 166, max: 198 },
    ])
  })

  it('refuses a range that is too small', () => {
    expect(() => splitPorts({ min: 100, max: 104 }, 3)).toThrow('RINGWAY_MEDIA_PORTS is too small for 3 media hosts')
  })
})

describe('claimPort', () => {
  it('finds a free one, and lets it be used', async () => {
    const port = await claimPort('127.0.0.1', 0)
    expect(port).toBeGreaterThan(0)
    expect(await claimPort('127.0.0.1', port)).toBe(port)
  })

  it('says in words why a port cannot be had', async () => {
    const server = createServer()
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(claimPort('127.0.0.1', port)).rejects.toThrow('already in use')
    await expect(claimPort('192.0.2.1', 0)).rejects.toThrow('is not an address of this machine')
  })
})
