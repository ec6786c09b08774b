import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { identityOf } from '../system/process-identity.ts'
import { SupervisedChild } from './SupervisedChild.ts'

let folder: string
let child: SupervisedChild | undefined
let lines: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringway-child-'))
  for (const name of ['logs', 'run']) mkdirSync(join(folder, name))
  lines = []
})
afterEach(async () => {
  await child?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function supervise(program: string): SupervisedChild {
  const file = join(folder, 'child.mjs')
  writeFileSync(file, program)
  child = new SupervisedChild(
    { name: 'child', file, env: { GREETING: 'hello' }, message: { secret: 'x' }, graceMs: 500 },
    { log: (line) => lines.push(line), logFolder: join(folder, 'logs'), runFolder: join(folder, 'run'), onChange: () => {} },
  )
  child.start()
  return child
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10)
}

/** A child keeps running only while it listens to its channel. */
const readyWhenTold = `process.on('disconnect', () => process.exit())
process.once('message', ({ secret }) => {
  console.log(process.env.GREETING, secret)
  console.error(JSON.stringify({ level: 'warn', event: 'something.odd' }))
  process.send({ type: 'ready' })
})
`

describe('SupervisedChild', () => {
  it('gives the child its message, gets its readiness, logs what it says and shows what matters', async () => {
    const supervised = supervise(readyWhenTold)
    await supervised.untilReady()
    expect(supervised.ready).toBe(true)
    await until(() => lines.length > 0)
    expect(lines).toEqual(['child: warn something.odd'])
    expect(readFileSync(join(folder, 'logs', 'child.log'), 'utf8')).toContain('hello x\n')
    expect(JSON.parse(readFileSync(join(folder, 'run', 'child.pid.json'), 'utf8'))).toEqual(identityOf(supervised.pid ?? 0))
  })

  it('starts it again when it is killed, and not after stop', async () => {
    const supervised = supervise(`${readyWhenTold}process.on('SIGTERM', () => process.exit())`)
    await supervised.untilReady()
    const first = supervised.pid ?? 0
    process.kill(first, 'SIGKILL')
    await until(() => supervised.pid !== first && supervised.ready)
    const second = supervised.pid ?? 0
    await supervised.stop()
    await supervised.stop()
    expect(identityOf(second)).toBeUndefined()
    expect(supervised.pid).toBeUndefined()
    expect(readdirSync(join(folder, 'run'))).toEqual([])
    expect(lines).toContain('child ended (SIGKILL); starting it again')
  })

  it('ends a child that ignores SIGTERM, with the processes that it has started', async () => {
    const supervised = supervise(
      `import { spawn } from 'node:child_process'
       import { writeFileSync } from 'node:fs'
       process.on('SIGTERM', () => {})
       writeFileSync(${JSON.stringify(join(folder, 'grandchild'))}, String(spawn('sleep', ['60'], { stdio: 'inherit' }).pid))
       ${readyWhenTold}`,
    )
    await supervised.untilReady()
    const grandchild = Number(readFileSync(join(folder, 'grandchild'), 'utf8'))
    expect(identityOf(grandchild)).toBeDefined()
    await supervised.stop()
    await until(() => identityOf(grandchild) === undefined)
  })

  it('gives up on one that never gets ready, with its last words', async () => {
    const supervised = supervise(`console.error('no such thing'); process.exitCode = 7; process.disconnect()`)
    await expect(supervised.untilReady()).rejects.toThrow(/child does not start \(code 7\):\nno such thing/)
  })
})
