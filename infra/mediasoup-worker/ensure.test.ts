import { once } from 'node:events'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../system/run-command.ts'
import { ensureMediasoupWorker } from './ensure.ts'
import { mediasoupPackage } from './package.ts'
import { smokeTest, whyItCannotRun } from './verify.ts'

let folder: string
let server: Server
let downloads: string[]
let realWorker: string

beforeEach(async () => {
  realWorker = await ensureMediasoupWorker({ log: (line) => console.log(line) })
  folder = mkdtempSync(join(tmpdir(), 'ringway-worker-'))
  downloads = []
  // Serves the real worker packed as an official release is.
  mkdirSync(join(folder, 'pack'))
  copyFileSync(realWorker, join(folder, 'pack', 'mediasoup-worker'))
  await runCommand('tar', ['-czf', join(folder, 'worker.tgz'), '-C', join(folder, 'pack'), 'mediasoup-worker'])
  server = createServer((request, response) => {
    downloads.push(request.url ?? '')
    response.end(readFileSync(join(folder, 'worker.tgz')))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

const environment = (): NodeJS.ProcessEnv => ({
  XDG_CACHE_HOME: join(folder, 'cache'),
  MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/releases`,
})

const cacheFolder = (): string => join(folder, 'cache', 'ringway', 'mediasoup-worker')

describe('ensureMediasoupWorker', () => {
  it('takes the given worker, and refuses one that does not run', async () => {
    expect(await ensureMediasoupWorker({ log: () => {}, env: { MEDIASOUP_WORKER_BIN: realWorker } })).toBe(realWorker)
    const broken = join(folder, 'broken')
    writeFileSync(broken, '#!/bin/sh\necho no library >&2\nexit 127\n', { mode: 0o755 })
    await expect(ensureMediasoupWorker({ log: () => {}, env: { MEDIASOUP_WORKER_BIN: broken } })).rejects.toThrow(
      `MEDIASOUP_WORKER_BIN=${broken} is not a mediasoup worker that runs here: no library`,
    )
  })

  it('downloads the prebuilt worker once, even for two at the same time, and then finds it in the cache', async () => {
    const options = { log: () => {}, env: environment() }
    const [first, second] = await Promise.all([ensureMediasoupWorker(options), ensureMediasoupWorker(options)])
    expect(second).toBe(first)
    expect(downloads).toHaveLength(1)
    const { version } = mediasoupPackage()
    expect(downloads[0]).toMatch(
      new RegExp(`^/releases/${version}/mediasoup-worker-${version}-${process.platform}-${process.arch}.*\\.tgz$`),
    )
    expect(await whyItCannotRun(first)).toBeUndefined()
    await smokeTest(first)
    expect(await ensureMediasoupWorker(options)).toBe(first)
    expect(downloads).toHaveLength(1)
    expect(readdirSync(cacheFolder())).toHaveLength(1)
  })

  it('replaces a cached worker that no longer runs', async () => {
    const options = { log: () => {}, env: environment() }
    const path = await ensureMediasoupWorker(options)
    // Unlinked, not overwritten: the worker of the smoke test may not have ended yet, and a running file is busy (ETXTBSY).
    rmSync(path)
    writeFileSync(path, '#!/bin/sh\necho gone >&2\nexit 127\n', { mode: 0o755 })
    const lines: string[] = []
    expect(await ensureMediasoupWorker({ ...options, log: (line) => lines.push(line) })).toBe(path)
    expect(lines).toEqual(['The cached mediasoup worker no longer runs (gone); making a new one'])
    await smokeTest(path)
  })

  it('is not stopped by what a killed build left behind', async () => {
    const options = { log: () => {}, env: environment() }
    const path = await ensureMediasoupWorker(options)
    cpSync(join(path, '..'), `${join(path, '..')}.1.tmp`, { recursive: true })
    rmSync(join(path, '..'), { recursive: true })
    writeFileSync(`${join(path, '..')}.lock`, JSON.stringify({ pid: process.pid, startedAt: 'another life' }))
    await ensureMediasoupWorker(options)
    expect(readdirSync(cacheFolder())).toHaveLength(1)
  })
})

describe('smokeTest', () => {
  it('finds out a program that is no mediasoup worker', async () => {
    const impostor = join(folder, 'impostor')
    writeFileSync(impostor, '#!/bin/sh\nexit 41\n', { mode: 0o755 })
    expect(await whyItCannotRun(impostor)).toBeUndefined()
    await expect(smokeTest(impostor)).rejects.toThrow()
  })
})
