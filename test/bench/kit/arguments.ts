/** The command line of a bench: names, and `--name` or `--name=value`. */
export interface BenchArguments {
  readonly names: readonly string[]
  readonly options: ReadonlyMap<string, string>
}

export function parseArguments(argv: readonly string[]): BenchArguments {
  const options = new Map<string, string>()
  const names: string[] = []
  for (const argument of argv) {
    if (!argument.startsWith('--')) {
      names.push(argument)
      continue
    }
    const [name = '', value = ''] = argument.slice(2).split(/=(.*)/s)
    options.set(name, value)
  }
  return { names, options }
}

export function numberOption(options: ReadonlyMap<string, string>, name: string, fallback: number): number {
  const text = options.get(name)
  if (text === undefined) return fallback
  const value = Number(text)
  if (text === '' || !Number.isFinite(value)) throw new TypeError(`--${name} must be a number`)
  return value
}
