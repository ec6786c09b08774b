import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentHash } from './content-hash.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ringway-hash-'))
  mkdirSync(join(root, 'a'))
  writeFileSync(join(root, 'a', 'x.ts'), 'x')
  writeFileSync(join(root, 'b.txt'), 'b')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('contentHash', () => {
  const hash = () => contentHash(['a', 'b.txt', 'absent'], { root, ignore: (path) => path.endsWith('.test.ts') })

  it('changes with a content, a name and a new file, and with nothing else', () => {
    const before = hash()
    expect(hash()).toBe(before)
    writeFileSync(join(root, 'a', 'x.test.ts'), 'ignored')
    expect(hash()).toBe(before)
    writeFileSync(join(root, 'a', 'x.ts'), 'y')
    const changed = hash()
    expect(changed).not.toBe(before)
    writeFileSync(join(root, 'a', 'y.ts'), '')
    expect(hash()).not.toBe(changed)
  })
})
