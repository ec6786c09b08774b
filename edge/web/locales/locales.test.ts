import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, test } from 'vitest'
import { errorTable } from '#shared/errors/codes.ts'
import { deviceErrors } from '#shared/sdk/RingwayError.ts'
import { z } from 'zod'

const messagesSchema = z.record(z.string(), z.string())
const read = (file: string) => messagesSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')))
const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.json'))
const source = read('en.json')

/** The places that a message leaves open, by name. */
function placesOf(message: string): string[] {
  const names = new Set<string>()
  const visit = (elements: readonly { readonly type: number; readonly value?: unknown; readonly options?: unknown }[]) => {
    for (const element of elements) {
      // 0 is plain text and 7 the number sign of a plural; everything else names a value.
      if (element.type !== 0 && element.type !== 7) names.add(String(element.value))
      const options = z.record(z.string(), z.object({ value: z.array(z.looseObject({ type: z.number() })) })).safeParse(element.options)
      if (options.success) for (const option of Object.values(options.data)) visit(option.value)
    }
  }
  visit(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst())
  return [...names].toSorted()
}

test('there is English and at least one more locale', () => {
  expect(files).toContain('en.json')
  expect(files.length).toBeGreaterThan(1)
})

describe.each(files)('%s', (file) => {
  const messages = read(file)

  test('has the keys of English, no more and no fewer', () => {
    expect(Object.keys(messages).toSorted()).toEqual(Object.keys(source).toSorted())
  })

  test('has the same places to fill in', () => {
    for (const [key, message] of Object.entries(messages))
      expect({ key, places: placesOf(message) }).toEqual({ key, places: placesOf(source[key] ?? '') })
  })

  test('says something in every message', () => {
    expect(Object.entries(messages).filter(([, message]) => message.trim() === '')).toEqual([])
  })

  test('has a sentence for each error code', () => {
    const codes = [...Object.keys(errorTable), ...Object.keys(deviceErrors)]
    expect(codes.filter((code) => !Object.hasOwn(messages, `error.${code}`))).toEqual([])
  })
})

test('every key is used', () => {
  const root = join(import.meta.dirname, '..')
  const code = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/u.test(path) && !path.includes('.test.') && !path.startsWith('stories'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n')
  // Keys that are put together from a code name their family in a template.
  const families = [...code.matchAll(/`([a-zA-Z.]+)\$\{/gu)].map(([, start]) => start ?? '').filter((start) => start.includes('.'))
  const unused = Object.keys(source).filter((key) => !code.includes(`'${key}'`) && !families.some((family) => key.startsWith(family)))
  expect(unused).toEqual([])
})
