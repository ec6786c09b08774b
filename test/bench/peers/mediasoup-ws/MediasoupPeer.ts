import { join } from 'node:path'
import { ensureMediasoupWorker } from '#infra/mediasoup-worker/ensure.ts'
import type { Log } from '#infra/system/progress.ts'
import { ChildProgram } from '../../kit/ChildProgram.ts'

/** The bare WebSocket and mediasoup server as a process of its own, on the same worker binary as Ringway's hosts. */
export class MediasoupPeer {
  readonly #program: ChildProgram
  readonly url: string

  private constructor(program: ChildProgram, url: string) {
    this.#program = program
    this.url = url
  }

  /** @param options.mediaPort Of all its media, UDP and TCP. */
  static async start(options: { mediaPort: number; log: Log }): Promise<MediasoupPeer> {
    const ready = Promise.withResolvers<string>()
    const program = ChildProgram.start({
      command: process.execPath,
      args: [join(import.meta.dirname, 'server.ts'), String(options.mediaPort)],
      env: { MEDIASOUP_WORKER_BIN: await ensureMediasoupWorker({ log: options.log }) },
      onLine: (port) => ready.resolve(`http://127.0.0.1:${port}`),
    })
    return new MediasoupPeer(program, await program.whileRunning(ready.promise, { withinMs: 15_000, purpose: 'listen' }))
  }

  get commandLine(): string {
    return this.#program.commandLine.replace(/^.*(test\/bench)/, 'node $1')
  }

  stop(): Promise<void> {
    return this.#program.stop('SIGINT')
  }
}
