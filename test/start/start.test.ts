import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { statusSchema } from '#infra/start/status.ts'
import { runCommand } from '#infra/system/run-command.ts'
import { startStack, type Stack, type StackOptions } from '../support/stack.ts'
import { untilGone } from '../support/processes.ts'

const root = resolve(import.meta.dirname, '..', '..')
const stacks: Stack[] = []

async function start(options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack(options)
  stacks.push(stack)
  return stack
}

afterEach(async () => {
  await Promise.all(stacks.splice(0).map((stack) => stack.stop()))
})

function temporaryState(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringway-state-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const health = async (stack: Stack): Promise<number> => (await fetch(`${stack.url}/healthz`)).status

describe('npm start', () => {
  it('is ready when it says so, and leaves nothing behind when it is stopped', async () => {
    const stack = await start({ mediaHosts: 2 })
    expect(await health(stack)).toBe(200)
    const { supervisor, edge, workerd, hosts } = stack.pids
    expect(hosts).toHaveLength(2)
    expect(stack.output.filter((line) => line.startsWith('Ringway is ready at '))).toEqual([`Ringway is ready at ${stack.url}`])
    expect(await stack.stop()).toBe(0)
    await untilGone([supervisor, edge, workerd, ...hosts])
    await expect(health(stack)).rejects.toThrow()
  })

  it('ends with npm, which passes SIGTERM on to no more than its shell', async () => {
    const stateDir = temporaryState()
    const env = { ...process.env, PORT: '0', RINGWAY_STATE_DIR: stateDir, RINGWAY_BUILD_WEB: '0', NODE_OPTIONS: '' }
    const npm = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: npm.stdout })
    for await (const line of lines) if (line.startsWith('Ringway is ready at ')) break
    const { supervisor, edge, hosts } = statusSchema.parse(JSON.parse(readFileSync(join(stateDir, 'run', 'status.json'), 'utf8')))
    npm.kill('SIGTERM')
    await untilGone([supervisor, edge.pid, edge.workerd, ...hosts.map(({ pid }) => pid)])
  })

  it('starts a second time on what it has kept', async () => {
    const stateDir = temporaryState()
    const first = await start({ stateDir })
    await first.stop()
    const startedAt = performance.now()
    const second = await start({ stateDir })
    console.log(`second start: ready after ${((performance.now() - startedAt) / 1_000).toFixed(2)} s`)
    expect(await health(second)).toBe(200)
  })

  it('says which port is in use, and ends', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(start({ env: { PORT: String(port) } })).rejects.toThrow(`PORT ${port} on 127.0.0.1 is already in use`)
  })

  it('names the variable that is wrong', async () => {
    await expect(start({ env: { RINGWAY_MEDIA_PORTS: '9-1' } })).rejects.toThrow('RINGWAY_MEDIA_PORTS must lie within')
  })

  it('refuses a state folder that is in use', async () => {
    const stateDir = temporaryState()
    const first = await start({ stateDir })
    await expect(start({ stateDir })).rejects.toThrow(`Ringway already runs on ${stateDir}, as process ${first.pids.supervisor}`)
    expect(await health(first)).toBe(200)
  })
})

describe('TLS', () => {
  it('is what the front speaks with a certificate, under the name that the certificate has', async () => {
    const folder = temporaryState()
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    await runCommand('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject])
    const stack = await start({ env: { RINGWAY_TLS_CERT: cert, RINGWAY_TLS_KEY: key } })
    expect(stack.url).toMatch(/^https:\/\/localhost:\d+$/)
    const answer = get(`${stack.url}/healthz`, { ca: readFileSync(cert), family: 4 })
    const [response] = (await once(answer, 'response')) as [IncomingMessage]
    response.resume()
    expect(response.statusCode).toBe(200)
    const plain = fetch(stack.url.replace('https', 'http'))
    await expect(plain).rejects.toThrow()
  })
})

describe('demo accounts', () => {
  it('with the easy password of a start on loopback are not opened to the world', async () => {
    const stateDir = temporaryState()
    const first = await start({ stateDir })
    const [alice] = first.accounts
    expect(first.output).toContain(`Demo accounts: alice, bob, carol, dave, password ${alice?.password}`)
    await first.stop()
    const open = start({ stateDir, env: { RINGWAY_BIND: '0.0.0.0', RINGWAY_ANNOUNCED_ADDRESS: '127.0.0.1' } })
    await expect(open).rejects.toThrow(
      'The demo account alice@default still has the password of a start that only this machine could reach',
    )
  })

  it('can be left out', async () => {
    const stack = await start({ env: { RINGWAY_DEMO: '0' } })
    expect(stack.output.filter((line) => /demo/i.test(line))).toEqual([])
  })
})

describe('the supervisor', () => {
  it('starts a killed media host again, and only that', async () => {
    const stack = await start({ mediaHosts: 2 })
    const before = stack.pids
    const killed = stack.killHost(0)
    await stack.until(({ hosts }) => hosts[0]?.pid !== killed && hosts[0]?.ready === true)
    expect(stack.pids.hosts[0]).not.toBe(before.hosts[0])
    expect({ ...stack.pids, hosts: stack.pids.hosts[1] }).toEqual({ ...before, hosts: before.hosts[1] })
  })

  it('starts a killed edge again on the same port, and leaves the media hosts alone', async () => {
    const stack = await start()
    const before = stack.pids
    const killed = stack.killEdge()
    await stack.until(({ edge }) => edge.pid !== killed && edge.ready)
    await stack.untilReady()
    expect(stack.pids.hosts).toEqual(before.hosts)
    await untilGone([before.edge, before.workerd])
  })

  it('takes the edge along when only its Node process is killed: workerd does not survive it', async () => {
    const stack = await start()
    const before = stack.pids
    process.kill(before.edge ?? 0, 'SIGKILL')
    await untilGone([before.workerd])
    await stack.untilReady()
  })

  it('survives the loss of workerd alone', async () => {
    const stack = await start()
    const before = stack.pids
    process.kill(before.workerd ?? 0, 'SIGKILL')
    await untilGone([before.workerd])
    await stack.untilReady()
  })

  it('leaves no children behind when it is killed, and the next start on its state and port works', async () => {
    const stateDir = temporaryState()
    const first = await start({ stateDir })
    const { edge, workerd, hosts } = first.pids
    const port = new URL(first.url).port
    await first.killSupervisor()
    const second = await start({ stateDir, env: { PORT: port } })
    expect(second.url).toBe(first.url)
    expect(await health(second)).toBe(200)
    await untilGone([edge, workerd, ...hosts])
  })
})
