import * as fc from 'fast-check'

/** What nobody should send, and somebody does. */

/** Names that mean something to JavaScript, SQL, paths, templates and terminals. */
export const wickedTexts: readonly string[] = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  '-1',
  '0x10',
  '1e999',
  "' or 1=1 --",
  '%',
  '_%',
  '%00',
  '\u0000',
  '\uFEFF',
  '\uD800',
  '\u202Egnp.exe',
  'ß'.repeat(40),
  'İ',
  '👩‍👩‍👧‍👦',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '${7*7}{{7*7}}',
  '"',
  '\\',
  '\r\nX-Injected: yes',
  'a'.repeat(300),
  'a'.repeat(70_000),
]

export const wickedText: fc.Arbitrary<string> = fc.oneof(fc.constantFrom(...wickedTexts), fc.string({ unit: 'binary', maxLength: 20 }))

const deep = (depth: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

export const wickedValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, -0, 1e308, 2 ** 53, Number.MIN_VALUE, [], {}, [null], deep(200)),
  wickedText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant(JSON.parse('{"__proto__": {"role": "platform-admin"}, "constructor": {"prototype": {}}}')),
)

/** A value with one thing in it, at any depth, replaced, removed or added. */
export const mutated = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(value, fc.nat(), fc.constantFrom('replace', 'remove', 'add'), wickedText, wickedValue)
    .map(([original, at, change, name, garbage]) => {
      const places = placesIn(original)
      if (places.length === 0) return garbage
      return changedAt(original, places[at % places.length] ?? [], { change, name: name.slice(0, 64), garbage })
    })

type Path = readonly (string | number)[]

function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path]
  const below = Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, Array.isArray(value) ? Number(key) : key]))
  return path.length === 0 ? below : [path, ...below]
}

interface Mutation {
  readonly change: 'replace' | 'remove' | 'add'
  readonly name: string
  readonly garbage: unknown
}

function changedAt(value: unknown, [first, ...rest]: Path, mutation: Mutation): unknown {
  if (first === undefined || typeof value !== 'object' || value === null) return mutation.garbage
  const entries = Object.entries(value)
  const changed = entries.flatMap(([key, item]): [string, unknown][] => {
    if (key !== String(first)) return [[key, item]]
    if (rest.length > 0) return [[key, changedAt(item, rest, mutation)]]
    if (mutation.change === 'remove') return []
    if (mutation.change === 'add')
      return [
        [key, item],
        [mutation.name, mutation.garbage],
      ]
    return [[key, mutation.garbage]]
  })
  return Array.isArray(value) ? changed.map(([, item]) => item) : Object.fromEntries(changed)
}

/** Bodies that are no JSON objects, or hardly. */
export const wickedBodies: readonly string[] = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '0',
  '{"a":1,}',
  '{"domain":"a","domain":"b","username":"x","username":"y"}',
  '{"__proto__":{"role":"platform-admin"}}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  JSON.stringify({ text: 'a'.repeat(70_000) }),
  '\uFEFF{}',
  '{"a":1e999}',
  'a=1&b=2',
]
