import { join } from 'node:path'
import { ChildProgram } from '../../kit/ChildProgram.ts'

/** A bare Hono route, and the same over D1, in a workerd of its own. */
export class BareHono {
  readonly #program: ChildProgram
  readonly url: string

  private constructor(program: ChildProgram, url: string) {
    this.#program = program
    this.url = url
  }

  static async start(): Promise<BareHono> {
    const ready = Promise.withResolvers<number>()
    const program = ChildProgram.start({
      command: process.execPath,
      args: [join(import.meta.dirname, 'server.ts')],
      onLine: (line) => ready.resolve(Number(line)),
    })
    const port = await program.whileRunning(ready.promise, { withinMs: 60_000, purpose: 'listen' })
    return new BareHono(program, `http://127.0.0.1:${port}`)
  }

  get commandLine(): string {
    return 'node test/bench/peers/bare-hono/server.ts'
  }

  stop(): Promise<void> {
    return this.#program.stop()
  }
}
