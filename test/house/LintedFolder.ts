import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** One thing that lint says. */
export interface Finding {
  readonly file: string
  /** As lint prints it: `plugin(rule)`. */
  readonly code: string
  readonly message: string
}

const reportSchema = z.object({
  diagnostics: z.array(z.object({ code: z.string(), filename: z.string(), message: z.string() })),
})

/** What lint consists of in this repository: its configuration and its own plugin. */
const lintFiles = ['.oxlintrc.json', 'test/house/lint-plugin.ts', 'test/house/import-table.ts']

const tsconfig = {
  compilerOptions: {
    strict: true,
    noUncheckedIndexedAccess: true,
    target: 'es2024',
    module: 'nodenext',
    noEmit: true,
    allowImportingTsExtensions: true,
    types: [],
  },
}

/** A folder that holds this repository's lint rules and whatever files a test plants. */
export class LintedFolder {
  readonly #root: string
  readonly path: string

  /** `files`: code by path. `root`: the repository. */
  static async create(options: { root: string; files: Readonly<Record<string, string>> }): Promise<LintedFolder> {
    const path = await mkdtemp(join(tmpdir(), 'ringway-lint-'))
    const folder = new LintedFolder({ root: options.root, path })
    for (const file of lintFiles) await cp(join(options.root, file), join(path, file))
    const settings = { 'package.json': JSON.stringify({ type: 'module' }), 'tsconfig.json': JSON.stringify(tsconfig) }
    for (const [file, text] of Object.entries({ ...settings, ...options.files })) await folder.#write(file, text)
    return folder
  }

  private constructor(options: { root: string; path: string }) {
    this.#root = options.root
    this.path = options.path
  }

  /** Lints the planted files by all rules. */
  lint(): Promise<readonly Finding[]> {
    return this.#run({ cwd: this.path, config: '.oxlintrc.json' })
  }

  /** Lints a whole tree by the import rules alone. The repository's own lint run is slower, since it needs types. */
  async lintImportsOf(tree: string): Promise<readonly Finding[]> {
    const plugin = join(tree, 'test/house/lint-plugin.ts')
    const config = {
      plugins: [],
      categories: { correctness: 'off' },
      jsPlugins: [plugin],
      rules: { 'house/imports': 'error' },
      ignorePatterns: ['dist'],
    }
    await this.#write('imports.json', JSON.stringify(config))
    return this.#run({ cwd: tree, config: join(this.path, 'imports.json') })
  }

  async close(): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }

  async #write(file: string, text: string): Promise<void> {
    const target = join(this.path, file)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, `${text}\n`)
  }

  /** @throws Error where lint does not run. */
  async #run(options: { cwd: string; config: string }): Promise<readonly Finding[]> {
    const bin = join(this.#root, 'node_modules', '.bin')
    const env = { ...process.env, OXLINT_TSGOLINT_PATH: join(bin, 'tsgolint') }
    const args = ['--config', options.config, '--disable-nested-config', '--format', 'json']
    const output = await new Promise<string>((resolve, reject) => {
      // Exit code 1 means findings; anything that is no report is a failure of lint itself.
      execFile(join(bin, 'oxlint'), args, { cwd: options.cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
        if (stdout.startsWith('{')) resolve(stdout)
        else reject(new Error(`oxlint failed: ${stdout}${stderr}`, { cause: error }))
      })
    })
    return reportSchema.parse(JSON.parse(output)).diagnostics.map(({ filename, code, message }) => ({ file: filename, code, message }))
  }
}
