import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const keptOutputLines = 200

export interface CommandResult {
  readonly code: number
  /** The last lines of stdout and stderr, as they came. */
  readonly output: string
  readonly stdout: string
}

/** A command that could not be started or ended with another code than 0. The message ends with its last output. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly output: string

  constructor(message: string, options: { output: string; cause?: unknown }) {
    super(options.output === '' ? message : `${message}\n${options.output}`, { cause: options.cause })
    this.output = options.output
  }
}

export interface CommandOptions {
  readonly cwd?: string
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
  readonly signal?: AbortSignal
  readonly onLine?: (line: string) => void
}

/** Runs a command to its end, whatever its code. Throws only if it cannot be started or is aborted. */
export function tryCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      // Output goes into messages and logs, where colour codes are noise.
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...options.env },
      stdio: 'pipe',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    const lines: string[] = []
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
        lines.push(line)
        if (lines.length > keptOutputLines) lines.shift()
        options.onLine?.(line)
      })
    }
    // A command may end without reading its input; its code tells.
    child.stdin.on('error', () => {}).end(options.input)
    child.once('error', (cause) =>
      reject(new CommandError(`${command} could not be run: ${cause.message}`, { output: lines.join('\n'), cause })),
    )
    child.once('close', (code, signal) => {
      resolve({ code: code ?? 128 + (signal === 'SIGKILL' ? 9 : 15), output: lines.join('\n'), stdout })
    })
  })
}

/** Runs a command that must succeed; a `CommandError` with its last output otherwise. */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const result = await tryCommand(command, args, options)
  if (result.code !== 0) throw new CommandError(`${command} ${args.join(' ')} ended with code ${result.code}`, result)
  return result
}
