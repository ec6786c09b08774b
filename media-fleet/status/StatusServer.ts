import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'

export interface Health {
  /** Whether this process can carry media. */
  readonly healthy: boolean
  readonly details: Readonly<Record<string, unknown>>
}

/** `/healthz` and `/metrics`, on loopback: what they say is nobody else's business. */
export class StatusServer {
  readonly #server: Server

  /** `port` 0 takes any free one. */
  static async listen(options: { port: number; health: () => Health; metrics: Registry }): Promise<StatusServer> {
    const server = createServer((request, response) => {
      const [path] = (request.url ?? '').split('?', 1)
      if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, { status: 405 })
      if (path === '/healthz') return answerHealth(response, options.health())
      if (path === '/metrics') return void answerMetrics(response, options.metrics)
      answer(response, { status: 404 })
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options.port, '127.0.0.1', resolve)
    })
    return new StatusServer(server)
  }

  private constructor(server: Server) {
    this.#server = server
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

function answerHealth(response: ServerResponse, { healthy, details }: Health): void {
  const body = JSON.stringify({ status: healthy ? 'ok' : 'failing', ...details })
  answer(response, { status: healthy ? 200 : 503, type: 'application/json', body })
}

async function answerMetrics(response: ServerResponse, metrics: Registry): Promise<void> {
  try {
    answer(response, { status: 200, type: metrics.contentType, body: await metrics.metrics() })
  } catch {
    answer(response, { status: 500 })
  }
}

function answer(
  response: ServerResponse,
  { status, type = 'text/plain', body = '' }: { status: number; type?: string; body?: string },
): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body)
}
