import { posix } from 'node:path'

/** One import, as the table judges it. Paths are relative to the repository and have forward slashes. */
export interface Import {
  readonly file: string
  /** A path such as `edge/env.ts`, or the name of a package with what follows it: `mediasoup`, `hono/cors`, `node:fs`. */
  readonly target: string
  /** The specifier is relative. */
  readonly relative: boolean
  /** Vanishes when types are stripped. */
  readonly typeOnly: boolean
}

export interface ImportRule {
  readonly name: string
  /** What the engineer reads who breaks it. */
  readonly message: string
  readonly forbids: (it: Import) => boolean
}

/** The rooms, and by which name the others import them (`imports` of package.json). */
const rooms = { shared: 'shared', edge: 'edge', fleet: 'media-fleet', infra: 'infra', test: 'test' } as const

const under = (path: string, ...folders: readonly string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`))
const roomOf = (path: string): string | undefined => Object.values(rooms).find((room) => under(path, room))
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file) || under(file, rooms.test)

/** A package, or anything below it, may be imported in these folders only. */
const onlyIn = (name: string, packages: readonly string[], folders: readonly string[]): ImportRule => ({
  name: `only ${folders.join(' and ')}: ${packages.join(', ')}`,
  message: `Only ${name}.`,
  forbids: ({ file, target }) => under(target, ...packages) && !under(file, ...folders, rooms.test),
})

/** Code of this folder imports itself and these, and nothing else. Its tests are free. */
const imports = (folder: string, allowed: readonly string[], message: string): ImportRule => ({
  name: `${folder} imports ${allowed.join(', ')}`,
  message,
  forbids: ({ file, target }) => under(file, folder) && !isTest(file) && !under(target, folder, ...allowed),
})

const never = (from: string, to: string, message: string): ImportRule => ({
  name: `${from} never imports ${to}`,
  message,
  forbids: ({ file, target }) => under(file, from) && under(target, to),
})

/** Who may import whom: one entry for each sentence of the house rules. */
export const importRules: readonly ImportRule[] = [
  imports('shared/errors', ['zod'], 'shared/errors imports only zod.'),
  imports('shared/protocol', ['zod', 'shared/errors'], 'shared/protocol imports only zod and shared/errors.'),
  imports(
    'edge/domain',
    ['zod', ...['protocol', 'errors', 'ids', 'time', 'result'].map((folder) => `shared/${folder}`)],
    'edge/domain is pure: it imports only shared/{protocol,errors,ids,time,result}.',
  ),
  never('edge', 'media-fleet', 'The edge and media-fleet never import each other.'),
  never('media-fleet', 'edge', 'The edge and media-fleet never import each other.'),
  ...['edge', 'media-fleet', 'infra'].map((room) => never('shared', room, 'shared runs anywhere and imports no other room.')),
  {
    name: 'only edge/index.ts imports objects',
    message: 'Only edge/index.ts imports objects; their types may be imported.',
    forbids: ({ file, target, typeOnly }) =>
      under(target, 'edge/objects') && !under(file, 'edge/objects', 'edge/index.ts') && !isTest(file) && !typeOnly,
  },
  onlyIn('media-fleet/sfu imports mediasoup', ['mediasoup'], ['media-fleet/sfu']),
  onlyIn('shared/sdk imports mediasoup-client', ['mediasoup-client'], ['shared/sdk']),
  onlyIn('media-fleet/sip and shared/sdk/sipws import sip.js', ['sip.js'], ['media-fleet/sip', 'shared/sdk/sipws']),
  onlyIn(
    'edge/db/{d1,objects} import drizzle',
    ['drizzle-orm', 'drizzle-kit'],
    ['edge/db/d1', 'edge/db/objects', 'edge/db/drizzle.config.ts'],
  ),
  onlyIn('the edge runs on Workers', ['cloudflare:workers', 'cloudflare:test', 'cloudflare:sockets'], ['edge']),
  {
    name: 'nothing imports test',
    message: 'Nothing imports test/.',
    forbids: ({ file, target }) => under(target, 'test') && !under(file, 'test'),
  },
  {
    name: 'rooms import each other by name',
    message: 'Rooms import each other as #shared/…, #edge/…, #fleet/…, #infra/….',
    forbids: ({ file, target, relative }) => relative && roomOf(target) !== undefined && roomOf(file) !== roomOf(target),
  },
]

/** What an import breaks; usually nothing. */
export function violations(file: string, specifier: string, options: { readonly typeOnly: boolean }): ImportRule[] {
  const relative = specifier.startsWith('.')
  const it: Import = {
    file,
    target: relative ? posix.join(posix.dirname(file), specifier) : targetOf(specifier),
    relative,
    typeOnly: options.typeOnly,
  }
  return importRules.filter((rule) => rule.forbids(it))
}

function targetOf(specifier: string): string {
  const [name = '', ...rest] = specifier.slice(1).split('/')
  const room = specifier.startsWith('#') ? Object.entries(rooms).find(([alias]) => alias === name)?.[1] : undefined
  return room === undefined ? specifier : [room, ...rest].join('/')
}
