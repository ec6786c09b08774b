import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Logger } from '#shared/log/logger.ts'
import { tryCommand } from '#infra/system/run-command.ts'
import { TurnServer } from './TurnServer.ts'

/** Debian's coturn, and its own client against it, on loopback. */
const logger = new Logger({ sink: () => undefined })
let folder: string
let port: number
let server: TurnServer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringway-turn-'))
  port = await freePort()
  server = await TurnServer.start({
    bin: 'turnserver',
    ip: '127.0.0.1',
    address: '127.0.0.1',
    port,
    relayPorts: { min: 49_152, max: 49_251 },
    peers: ['127.0.0.1'],
    folder,
    logger,
    probeMs: 100,
  })
})

afterAll(async () => {
  await server.close()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Client {
  readonly username?: string
  readonly credential?: string
  readonly peer?: string
  readonly flags?: readonly string[]
}

/** Allocates, and sends packets through the relay to another allocation or to a peer. */
async function relay({ username, credential, peer, flags = ['-y'] }: Client = {}): Promise<{ code: number | null; output: string }> {
  const [ice] = server.iceServersFor('somebody')
  if (ice === undefined) throw new TypeError('There is one server')
  const args = ['-u', username ?? ice.username, '-w', credential ?? ice.credential, '-p', String(port), '-n', '20', '-c', ...flags]
  const { code, output } = await tryCommand('turnutils_uclient', [...args, ...(peer === undefined ? [] : ['-e', peer]), '127.0.0.1'], {
    signal: AbortSignal.timeout(20_000),
  })
  return { code, output }
}

describe('the TURN server', () => {
  it.each([
    ['UDP', ['-y']],
    ['TCP', ['-y', '-t']],
  ])('relays to loopback, where the media is, over %s', async (_, flags) => {
    const { output } = await relay({ flags })
    expect(output).toMatch(/Total lost packets 0 /)
  })

  it('relays to no other address', async () => {
    const { code, output } = await relay({ peer: '192.0.2.1', flags: [] })
    expect(output).toMatch(/error 403|Forbidden/)
    expect(code).not.toBe(0)
  })

  it('refuses wrong and expired credentials', async () => {
    const wrong = await relay({ credential: 'wrong' })
    expect(wrong.output).toMatch(/error 401|Cannot complete Allocation/)
    const secret = /^static-auth-secret=(.*)$/m.exec(readFileSync(join(folder, 'turn', 'turnserver.conf'), 'utf8'))?.[1] ?? ''
    const username = `${Math.floor(Date.now() / 1000) - 60}:somebody`
    const expired = await relay({ username, credential: createHmac('sha1', secret).update(username).digest('base64') })
    expect(expired.output).toMatch(/error 401|Cannot complete Allocation/)
  })

  it('keeps its secret to itself', () => {
    expect(statSync(join(folder, 'turn', 'turnserver.conf')).mode & 0o777).toBe(0o600)
  })

  it('is started again when it was killed, and when it hangs', async () => {
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      const before = server.restarts
      if (server.pid === undefined) throw new TypeError('It runs')
      process.kill(server.pid, signal)
      while (server.restarts === before || !server.up) await sleep(20)
      expect((await relay()).output).toMatch(/Total lost packets 0 /)
    }
  })

  it('says why it cannot run', async () => {
    const start = (bin: string) =>
      TurnServer.start({
        bin,
        ip: '127.0.0.1',
        address: '127.0.0.1',
        port: 1,
        relayPorts: { min: 49_300, max: 49_310 },
        peers: [],
        folder: join(folder, 'other'),
        logger,
      })
    await expect(start('no-such-turnserver')).rejects.toThrow('no-such-turnserver does not run: spawn no-such-turnserver ENOENT')
    await expect(start('false')).rejects.toThrow('false does not run: ended with 1')
  })
})

async function freePort(): Promise<number> {
  const listener = createServer()
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  await new Promise((resolve) => listener.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
