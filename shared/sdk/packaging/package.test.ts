import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '..', '..', '..')
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
let folder = ''

/** An application's folder with the packed SDK installed, without a registry. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringway-sdk-'))
  await run(bin('node'), [join(import.meta.dirname, 'build.ts')], { cwd: root })
  await run('npm', ['pack', join(root, 'dist', 'sdk'), '--pack-destination', folder], { cwd: folder })
  const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz')) ?? ''
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'application', private: true, type: 'module' }))
  const zod = join(root, 'node_modules', 'zod')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', zod, join(folder, tarball)], { cwd: folder })
}, 240_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

test('an application in Node imports it and gets typed errors', async () => {
  await writeFile(
    join(folder, 'application.js'),
    `import { RingwayClient, RingwayError } from 'ringway/sdk'
    const client = new RingwayClient({ url: 'http://127.0.0.1:9' })
    const error = await client.login({ grantType: 'password', username: 'bob', password: 'x' }).catch((reason) => reason)
    console.log(JSON.stringify([error instanceof RingwayError, error.code, error.retryable, client.state]))`,
  )
  const { stdout } = await run(bin('node'), ['application.js'], { cwd: folder })
  expect(JSON.parse(stdout)).toEqual([true, 'networkUnreachable', true, 'signedOut'])
})

const application = `import { RingwayClient, type Call, type MediaEngine, type RemoteTrack } from 'ringway/sdk'
export async function ring(media: MediaEngine): Promise<string> {
  const client = new RingwayClient({ url: 'https://calls.example.com', media })
  client.on('incoming', (invite) => void invite.accept({ video: true }))
  const call: Call = await client.call({ to: ['bob', 'carol@example.com'], video: { width: 640 } })
  call.on('trackAdded', ({ participant, track }) => console.log(participant.displayName, track.mediaTrack?.id))
  const track = call.me.tracks.get('camera')
  // @ts-expect-error: there is no such event.
  call.on('nonsense', () => undefined)
  return track?.isLocal === false ? (track satisfies RemoteTrack).publicationId : call.state
}
`

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('its declarations check in an application of module %s', async (module, moduleResolution) => {
  await writeFile(join(folder, 'application.ts'), application)
  const options = { module, moduleResolution, target: 'es2024', lib: ['es2024'], strict: true, noEmit: true, types: [] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['application.ts'] }))
  await expect(run(bin('tsc'), ['-p', folder])).resolves.toMatchObject({ stdout: '' })
})

test('mediasoup-client is loaded only when there is media', async () => {
  const installed = join(folder, 'node_modules', 'ringway')
  const entry = await readFile(join(installed, 'index.js'), 'utf8')
  const lazy = /import\("\.\/(MediasoupSession-[^"]+)"\)/.exec(entry)?.[1] ?? ''
  expect(await readdir(installed)).toContain(lazy)
  expect(entry).not.toMatch(/from "\.\/MediasoupSession/)
  expect(entry).not.toContain('RTCPeerConnection({')
  expect(await readFile(join(installed, 'THIRD-PARTY-LICENCES.txt'), 'utf8')).toContain('mediasoup-client')
})
