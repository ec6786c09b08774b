import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lock, tryLock } from './file-lock.ts'
import { identityOf, isAlive } from './process-identity.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringway-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function held(path: string) {
  const result = tryLock(path)
  if (!('release' in result)) throw new Error('the lock is taken')
  return result
}

describe('tryLock', () => {
  it('gives the lock once, tells its holder, and gives it again after release', () => {
    const path = join(folder, 'lock')
    const first = held(path)
    expect(tryLock(path)).toEqual(identityOf(process.pid))
    first.release()
    first.release()
    held(path).release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('takes over the lock of a process that has died', async () => {
    const path = join(folder, 'lock')
    const child = spawn('sleep', ['60'])
    const holder = identityOf(child.pid ?? 0)
    writeFileSync(path, JSON.stringify(holder))
    expect(tryLock(path)).toEqual(holder)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    held(path).release()
  })

  it('takes over the lock of a process whose id another one has got', () => {
    const path = join(folder, 'lock')
    writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: 'long ago' }))
    held(path).release()
  })

  it('takes over a lock that holds nonsense', () => {
    const path = join(folder, 'lock')
    writeFileSync(path, '{')
    held(path).release()
  })
})

describe('lock', () => {
  it('waits until the holder releases, and tells once for whom it waits', async () => {
    const path = join(folder, 'lock')
    const first = held(path)
    const waits: number[] = []
    const second = lock(path, {
      onWait: ({ pid }) => {
        waits.push(pid)
        setTimeout(() => first.release(), 300)
      },
    })
    ;(await second).release()
    expect(waits).toEqual([process.pid])
  })
})

describe('identityOf', () => {
  it('knows this process, and none that is gone', async () => {
    const child = spawn('sleep', ['60'])
    const identity = identityOf(child.pid ?? 0)
    expect(identity && isAlive(identity)).toBe(true)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    expect(identity && isAlive(identity)).toBe(false)
    expect(isAlive({ pid: process.pid, startedAt: 'another time' })).toBe(false)
  })
})
