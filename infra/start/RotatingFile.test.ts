import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { RotatingFile } from './RotatingFile.ts'

it('keeps the newest lines in a bounded number of files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringway-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'x.log')
  const first = new RotatingFile(path, { maxBytes: 20, keep: 2 })
  for (let index = 0; index < 6; index += 1) first.writeLine(`line ${index}.`)
  first.close()
  first.close()
  first.writeLine('after close')
  const second = new RotatingFile(path, { maxBytes: 20, keep: 2 })
  for (let index = 6; index < 11; index += 1) second.writeLine(`line ${index}.`)
  second.close()
  expect(readdirSync(folder).toSorted()).toEqual(['x.log', 'x.log.1', 'x.log.2'])
  const text = ['x.log.2', 'x.log.1', 'x.log'].map((name) => readFileSync(join(folder, name), 'utf8')).join('')
  expect(text.trim().split('\n')).toEqual([3, 4, 5, 6, 7, 8, 9, 10].map((index) => `line ${index}.`))
})
