import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importRules } from './import-table.ts'
import { type Finding, LintedFolder } from './LintedFolder.ts'

/** A file that breaks one house rule, and the import rule or lint rule it breaks. */
interface Planted {
  readonly rule: string
  readonly file: string
  readonly code: string
}

const broken = (rule: string, file: string, code: string): Planted => ({ rule, file, code })

/** At least one for each entry of the import table, in every form that an import has. */
const wrongImports: readonly Planted[] = [
  broken('shared/errors imports zod', 'shared/errors/planted-package.ts', "import 'hono'"),
  broken('shared/errors imports zod', 'shared/errors/planted-neighbour.ts', "import '../protocol/limits.ts'"),
  broken('shared/protocol imports zod, shared/errors', 'shared/protocol/planted-package.ts', "import 'jose'"),
  broken('shared/protocol imports zod, shared/errors', 'shared/protocol/fleet/planted-neighbour.ts', "import '../../log/logger.ts'"),
  broken('shared/protocol imports zod, shared/errors', 'shared/protocol/planted-name.ts', "import '#shared/ids/ids.ts'"),
  broken(domain(), 'edge/domain/planted-hono.ts', "import 'hono'"),
  broken(domain(), 'edge/domain/planted-node.ts', "import 'node:fs'"),
  broken(domain(), 'edge/domain/room/planted-service.ts', "import '../../services/logger.ts'"),
  broken(domain(), 'edge/domain/planted-env.ts', "export type { Env } from '#edge/env.ts'"),
  broken(domain(), 'edge/domain/planted-log.ts', "import '#shared/log/logger.ts'"),
  broken('edge never imports media-fleet', 'edge/services/planted.ts', "import '#fleet/config.ts'"),
  broken('edge never imports media-fleet', 'edge/web/planted-dynamic.ts', "export const later = () => import('#fleet/config.ts')"),
  broken('media-fleet never imports edge', 'media-fleet/control/planted.ts', "import '#edge/env.ts'"),
  broken('media-fleet never imports edge', 'media-fleet/planted-type.ts', "export type Env = import('#edge/env.ts').Env"),
  broken('shared never imports edge', 'shared/sdk/planted-edge.ts', "import '#edge/domain/identity.ts'"),
  broken('shared never imports media-fleet', 'shared/sdk/planted-fleet.ts', "import '#fleet/config.ts'"),
  broken('shared never imports infra', 'shared/log/planted.ts', "import '#infra/start/main.ts'"),
  broken('only edge/index.ts imports objects', 'edge/services/planted-object.ts', "import '#edge/objects/Room.ts'"),
  broken('only edge/index.ts imports objects', 'edge/routes/planted-object.ts', "export { Room } from '../objects/Room.ts'"),
  broken('only media-fleet/sfu: mediasoup', 'media-fleet/control/planted-sfu.ts', "import 'mediasoup'"),
  broken('only media-fleet/sfu: mediasoup', 'infra/start/planted.ts', "import 'mediasoup/types'"),
  broken('only shared/sdk: mediasoup-client', 'edge/web/planted-client.ts', "import 'mediasoup-client'"),
  broken('only media-fleet/sip and shared/sdk/sipws: sip.js', 'shared/sdk/planted-sip.ts', "import 'sip.js'"),
  broken(
    'only edge/db/d1 and edge/db/objects and edge/db/drizzle.config.ts: drizzle-orm, drizzle-kit',
    'edge/services/planted-db.ts',
    "import 'drizzle-orm/d1'",
  ),
  broken('only edge: cloudflare:workers, cloudflare:test, cloudflare:sockets', 'shared/time/planted.ts', "import 'cloudflare:workers'"),
  broken('nothing imports test', 'media-fleet/planted-test.test.ts', "import '#test/support/stack.ts'"),
  broken('rooms import each other by name', 'media-fleet/sfu/planted-path.ts', "import '../../shared/ids/ids.ts'"),
  broken('rooms import each other by name', 'edge/web/planted-path.ts', "import '../../shared/ids/ids.ts'"),
]

/** What is right and looks like it might not be. */
const rightImports: Readonly<Record<string, string>> = {
  'shared/errors/innocent.ts': "import 'zod'\nimport './codes.ts'",
  'shared/errors/innocent.test.ts': "import 'vitest'\nimport './codes.ts'",
  'shared/protocol/fleet/innocent.ts':
    "import 'zod'\nimport '../media.ts'\nimport '#shared/errors/codes.ts'\nimport '../../errors/codes.ts'",
  'edge/domain/room/innocent.ts':
    "import 'zod'\nimport '../identity.ts'\nimport '#shared/protocol/media.ts'\nimport '#shared/time/clock.ts'\nimport '#shared/result/result.ts'",
  'edge/index.ts': "export { Room } from './objects/Room.ts'",
  'edge/objects/innocent.ts': "import 'cloudflare:workers'\nimport './Room.ts'\nimport '#edge/db/objects/RoomTable.ts'",
  'edge/services/innocent.ts': "export type { Room } from '#edge/objects/Room.ts'",
  'edge/db/d1/innocent.ts': "import 'drizzle-orm/d1'",
  'media-fleet/sfu/innocent.ts': "import 'mediasoup'\nimport '#shared/protocol/media.ts'\nimport '../../package.json'",
  'media-fleet/sip/innocent.ts': "import 'sip.js'",
  'shared/sdk/innocent.ts': "import 'mediasoup-client'\nimport '../protocol/media.ts'",
  'shared/sdk/sipws/innocent.ts': "import 'sip.js'",
  'infra/shape.ts': 'export interface Shape {\n  readonly size: number\n}',
  'test/bench/innocent.ts': "import 'mediasoup'\nimport '#edge/app.ts'\nimport '#fleet/config.ts'\nimport '../support/stack.ts'",
}

const asynchronous = 'async function later() {\n  await Promise.resolve()\n}'

/** The other house rules that lint enforces, those that need types among them. */
const wrongCode: readonly Planted[] = [
  broken('house(no-export-all)', 'shared/ids/planted-all.ts', "export * from './ids.ts'"),
  broken('import(no-default-export)', 'shared/ids/planted-default.ts', 'const one = 1\nexport default one'),
  broken('eslint(no-console)', 'edge/services/planted-console.ts', "console.log('here')"),
  broken(
    'eslint(max-lines)',
    'infra/planted-long.ts',
    Array.from({ length: 501 }, (_, line) => `export const line${line} = ${line}`).join('\n'),
  ),
  broken('eslint(no-warning-comments)', 'infra/planted-later.ts', '// TODO finish this\nexport const one = 1'),
  broken('typescript(no-explicit-any)', 'infra/planted-any.ts', 'export const one = (x: any) => typeof x'),
  broken('typescript(no-non-null-assertion)', 'infra/planted-bang.ts', 'export const first = (list: readonly string[]) => list[0]!'),
  broken(
    'typescript(consistent-type-imports)',
    'infra/planted-type.ts',
    "import { Shape } from './shape.ts'\nexport const size = (shape: Shape) => shape.size",
  ),
  broken('typescript(no-floating-promises)', 'infra/planted-floating.ts', `${asynchronous}\nlater()`),
  broken('typescript(no-misused-promises)', 'infra/planted-misused.ts', `${asynchronous}\nexport const list = [1].forEach(later)`),
  broken(
    'typescript(switch-exhaustiveness-check)',
    'infra/planted-switch.ts',
    "export function sign(side: 'left' | 'right') {\n  switch (side) {\n    case 'left':\n      return 1\n  }\n  return 0\n}",
  ),
  broken(
    'typescript(no-unsafe-type-assertion)',
    'infra/planted-as.ts',
    'export const parsed = (text: unknown) => text as { name: string }',
  ),
  broken('typescript(only-throw-error)', 'infra/planted-throw.ts', 'export function stop() {\n  throw { stopped: true }\n}'),
]

function domain(): string {
  return 'edge/domain imports zod, shared/protocol, shared/errors, shared/ids, shared/time, shared/result'
}

const root = resolve(import.meta.dirname, '..', '..')
let folder: LintedFolder
let findings: readonly Finding[]

beforeAll(async () => {
  folder = await LintedFolder.create({
    root,
    files: { ...rightImports, ...Object.fromEntries([...wrongImports, ...wrongCode].map(({ file, code }) => [file, code])) },
  })
  findings = await folder.lint()
})

afterAll(() => folder.close())

const found = (file: string) => findings.filter((finding) => finding.file === file).map(({ code, message }) => ({ code, message }))

describe('who may import whom', () => {
  it.each(wrongImports)('$file: $rule', ({ file, rule }) => {
    const message = importRules.find(({ name }) => name === rule)?.message
    expect(message).toBeDefined()
    expect(found(file)).toEqual([{ code: 'house(imports)', message }])
  })

  it('has a planted violation for each rule', () => {
    expect(new Set(wrongImports.map(({ rule }) => rule))).toEqual(new Set(importRules.map(({ name }) => name)))
  })

  it.each(Object.keys(rightImports))('%s breaks nothing', (file) => {
    expect(found(file)).toEqual([])
  })

  it('holds in the tree as it is', async () => {
    expect(await folder.lintImportsOf(root)).toEqual([])
  })
})

describe('the other house rules', () => {
  it.each(wrongCode)('$file: $rule', ({ file, rule }) => {
    expect(found(file).map(({ code }) => code)).toEqual([rule])
  })
})
