import { expect, it } from 'vitest'
import type { Operation } from '#shared/protocol/sapi/operation.ts'
import { eventTypes } from '#shared/protocol/sapi/events.ts'
import { operations } from '#shared/protocol/sapi/operations.ts'
import { documentationFiles } from './plugin.ts'

const files = documentationFiles()
const text = String(files['llms.txt'])

it('has the shape of llms.txt: a title, a summary, sections, links', () => {
  expect(text).toMatch(/^# Ringway\n\n> .+\n\n## /)
  expect(text).not.toMatch(/undefined|\[object/)
})

it('names each operation once, with its least role and whatever else it needs', () => {
  for (const { method, path, access, service, capability, summary } of Object.values<Operation>(operations)) {
    const lines = text.split('\n').filter((line) => line.startsWith(`- \`${method.toUpperCase()} /sapi${path}\` (`))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`(${access}`)
    expect(lines[0]?.endsWith(summary)).toBe(true)
    for (const need of [service, capability]) if (need !== undefined) expect(lines[0]).toContain(need)
  }
})

it('names each type of event once', () => {
  for (const type of eventTypes) expect(text.split('\n').filter((line) => line.startsWith(`- \`${type}\`: `))).toHaveLength(1)
})

it('links to what is served', () => {
  const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link)
  expect(links).toEqual(['/sapi/openapi.json', '/docs/api/', '/.well-known/oauth-authorization-server'])
  expect(files).toHaveProperty(['docs/api/index.html'])
  expect(files).toHaveProperty(['docs/api/openapi.json'])
})
