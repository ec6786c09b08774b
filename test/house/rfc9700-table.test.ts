import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..', '..')
const [, section = ''] = readFileSync(join(root, 'test', 'coverage-matrix.md'), 'utf8').split('## OAuth 2.0 security (RFC 9700)')
const rows = section
  .split('\n## ')[0]
  ?.split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))

it('names every section with recommendations, and in each row its proof or why there is none', () => {
  const sections = new Set(rows?.flatMap(([, sections = '']) => sections.split(', ')))
  const wanted = ['2.1', '2.1.1', '2.1.2', '2.2.1', '2.2.2', '2.3', '2.4', '2.5', '2.6', '4.1.3', '4.2.4', '4.3.1', '4.3.2']
  const attacks = [
    '4.4',
    '4.5',
    '4.6',
    '4.7',
    '4.8',
    '4.9',
    '4.10.1',
    '4.10.2',
    '4.11.1',
    '4.11.2',
    '4.12',
    '4.13',
    '4.14',
    '4.15',
    '4.16',
    '4.17',
  ]
  expect([...wanted, ...attacks].filter((name) => !sections.has(name))).toEqual([])
  for (const [, name, , , proof = ''] of rows ?? [])
    expect({ name, proven: /“.+”/.test(proof) || proof === 'not applicable' }).toEqual({ name, proven: true })
})

it('names tests that there are', () => {
  const proofs = [...section.matchAll(/`([\w./-]+\.test\.ts)`: “([^”]+)”/g)].map(([, file = '', title = '']) => ({ file, title }))
  expect(proofs.length).toBeGreaterThan(40)
  const missing = proofs.filter(({ file, title }) => !readFileSync(join(root, file), 'utf8').includes(title))
  expect(missing).toEqual([])
})
