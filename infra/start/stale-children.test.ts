import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { identityOf } from '../system/process-identity.ts'
import { endStaleChildren } from './stale-children.ts'

it('ends what the pid files name, even what ignores SIGTERM, and no stranger', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringway-run-'))
  const polite = spawn('sleep', ['60'])
  const stubborn = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'])
  const stranger = spawn('sleep', ['60'])
  onTestFinished(() => {
    for (const child of [polite, stubborn, stranger]) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  await new Promise((resolve) => stubborn.stdout.once('data', resolve))
  writeFileSync(join(folder, 'polite.pid.json'), JSON.stringify(identityOf(polite.pid ?? 0)))
  writeFileSync(join(folder, 'stubborn.pid.json'), JSON.stringify(identityOf(stubborn.pid ?? 0)))
  writeFileSync(join(folder, 'stranger.pid.json'), JSON.stringify({ pid: stranger.pid, startedAt: 'another time' }))
  writeFileSync(join(folder, 'nonsense.pid.json'), '{')
  const lines: string[] = []
  await endStaleChildren(folder, { log: (line) => lines.push(line) })
  expect(identityOf(polite.pid ?? 0)).toBeUndefined()
  expect(identityOf(stubborn.pid ?? 0)).toBeUndefined()
  expect(identityOf(stranger.pid ?? 0)).toBeDefined()
  expect(lines).toHaveLength(2)
  expect(readdirSync(folder)).toEqual([])
})
