import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChildProgram } from '../../kit/ChildProgram.ts'
import { freeTcpPort } from '../../kit/free-port.ts'
import { JanusSession } from './JanusSession.ts'

const multiarch: Readonly<Record<string, string>> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }
const libraries = `/usr/lib/${multiarch[process.arch] ?? ''}/janus`

/** What listens or costs without being asked for. */
const otherPlugins = ['audiobridge', 'duktape', 'echotest', 'lua', 'nosip', 'recordplay', 'sip', 'textroom', 'videocall', 'voicemail']
const otherTransports = ['http', 'mqtt', 'nanomsg', 'pfunix', 'rabbitmq']

/** Debian's Janus with a configuration of its own: VideoRoom, Streaming and the WebSocket API, nothing else. */
export class JanusServer {
  readonly #program: ChildProgram
  readonly #folder: string
  readonly #apiPort: number

  private constructor(program: ChildProgram, folder: string, apiPort: number) {
    this.#program = program
    this.#folder = folder
    this.#apiPort = apiPort
  }

  /** @param options.rtpPorts `min-max` of its WebRTC legs. */
  static async start(options: { name: string; rtpPorts: string }): Promise<JanusServer> {
    const folder = mkdtempSync(join(tmpdir(), 'ringway-bench-janus-'))
    const apiPort = await freeTcpPort()
    const settings = join(folder, 'etc')
    mkdirSync(settings)
    writeFileSync(join(settings, 'janus.jcfg'), mainSettings(options))
    writeFileSync(join(settings, 'janus.plugin.videoroom.jcfg'), 'general: {}\n')
    writeFileSync(join(settings, 'janus.plugin.streaming.jcfg'), 'general: {}\n')
    writeFileSync(
      join(settings, 'janus.transport.websockets.jcfg'),
      `general: {\n  ws = true\n  ws_port = ${apiPort}\n  ws_ip = "127.0.0.1"\n  wss = false\n}\nadmin: {\n  admin_ws = false\n}\n`,
    )
    // Nothing else would end Janus if this process were killed.
    const janus = ['janus', '-F', settings, '-C', join(settings, 'janus.jcfg'), '-o']
    const program = ChildProgram.start({ command: 'setpriv', args: ['--pdeathsig', 'KILL', ...janus] })
    const server = new JanusServer(program, folder, apiPort)
    try {
      await program.whileRunning(server.#untilReady(), { withinMs: 15_000, purpose: 'open its API' })
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  get pid(): number {
    return this.#program.pid
  }

  get commandLine(): string {
    return this.#program.commandLine.replace(/^setpriv --pdeathsig KILL /, '').replaceAll(this.#folder, '<folder>')
  }

  /** A session of its own, with a handle to a plugin. */
  attach(plugin: 'videoroom' | 'streaming'): Promise<JanusSession> {
    return JanusSession.open({ port: this.#apiPort, plugin: `janus.plugin.${plugin}` })
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGINT')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #untilReady(): Promise<void> {
    for (;;) {
      const session = await this.attach('videoroom').catch(() => undefined)
      if (session !== undefined) return session.close()
      await sleep(100)
    }
  }
}

function mainSettings(options: { name: string; rtpPorts: string }): string {
  const list = (names: readonly string[], kind: string): string => names.map((name) => `libjanus_${name}.so`).join(',') || kind
  return `
general: {
  plugins_folder = "${libraries}/plugins"
  transports_folder = "${libraries}/transports"
  events_folder = "${libraries}/events"
  loggers_folder = "${libraries}/loggers"
  debug_level = 3
  server_name = "${options.name}"
}
media: {
  rtp_port_range = "${options.rtpPorts}"
}
nat: {
  ice_enforce_list = "127.0.0.1"
}
plugins: {
  disable = "${list(otherPlugins, '')}"
}
transports: {
  disable = "${list(otherTransports, '')}"
}
`
}
