import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { spawn } from 'node:child_process'
import { build } from 'vite'
import { z } from 'zod'
import { licencesOf } from './licences.ts'

/**
 * Makes `dist/sdk`: a package of its own that holds the SDK and nothing of the servers. Dependencies are
 * bundled, except zod, which the declarations need too.
 */
const root = resolve(import.meta.dirname, '..', '..', '..')
const target = join(root, 'dist', 'sdk')
const external = ['zod']

const rootPackageSchema = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  dependencies: z.record(z.string(), z.string()),
})

async function bundle(): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [licencesOf(root)],
    build: {
      outDir: target,
      emptyOutDir: false,
      target: 'es2023',
      minify: false,
      lib: { entry: join(root, 'shared', 'sdk', 'index.ts'), formats: ['es'], fileName: 'index' },
      rolldownOptions: { external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)) },
    },
  })
}

/** Declarations of what the public surface reaches, with specifiers that any resolution of modules understands. */
async function declarations(): Promise<void> {
  const types = join(target, 'types')
  await run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', join(import.meta.dirname, 'tsconfig.declarations.json'), '--outDir', types])
  const files = (await readdir(types, { recursive: true })).filter((entry) => entry.endsWith('.d.ts')).map((entry) => join(types, entry))
  for (const file of files) await writeFile(file, portable(await readFile(file, 'utf8'), relative(dirname(file), types)))
  const reached = new Set<string>()
  await reach(join(types, 'sdk', 'index.d.ts'), reached)
  for (const file of files) if (!reached.has(file)) await rm(file)
}

/** `up` leads from the file's folder to that of all declarations. */
function portable(declaration: string, up: string): string {
  const folder = up === '' ? '.' : up
  return declaration
    .replaceAll(/(['"])#shared\/([^'"]+)\1/g, (_, quote: string, path: string) => `${quote}${folder}/${path}${quote}`)
    .replaceAll(/(from |import\()(['"])(\.[^'"]+)\.ts\2/g, '$1$2$3.js$2')
}

async function reach(file: string, reached: Set<string>): Promise<void> {
  if (reached.has(file)) return
  reached.add(file)
  const specifiers = (await readFile(file, 'utf8')).matchAll(/(?:from |import\()['"](\.[^'"]+)\.js['"]/g)
  for (const [, specifier = ''] of specifiers) await reach(join(dirname(file), `${specifier}.d.ts`), reached)
}

async function manifest(): Promise<void> {
  const { name, version, description, license, dependencies } = rootPackageSchema.parse(
    JSON.parse(await readFile(join(root, 'package.json'), 'utf8')),
  )
  const entry = { types: './types/sdk/index.d.ts', default: './index.js' }
  const content = {
    name,
    version,
    description: `${description}: the JavaScript SDK`,
    license,
    type: 'module',
    sideEffects: false,
    exports: { './sdk': entry },
    files: ['*.js', 'types', 'THIRD-PARTY-LICENCES.txt'],
    dependencies: Object.fromEntries(external.map((dependency) => [dependency, dependencies[dependency]])),
    engines: { node: '>=22' },
  }
  await writeFile(join(target, 'package.json'), `${JSON.stringify(content, null, 2)}\n`)
  await cp(join(root, 'shared', 'sdk', 'README.md'), join(target, 'README.md'))
  await cp(join(root, 'LICENSE'), join(target, 'LICENSE'))
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', failed)
    child.on('exit', (code) => (code === 0 ? done() : failed(new Error(`${command} ended with ${code}`))))
  })
}

await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
await bundle()
await declarations()
await manifest()
