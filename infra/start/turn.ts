import { join } from 'node:path'
import { writeFileAtomically } from '../system/write-file.ts'
import type { StartConfig } from './config.ts'
import { splitPorts } from './ports.ts'

/**
 * What the media hosts are told of their TURN servers: each has one of its own, on the ports that follow one
 * another. The certificate is that of HTTPS; coturn reads files.
 */
export function turnEnvironments(config: StartConfig, options: { folder: string }): readonly Record<string, string>[] {
  const { turn, tls, mediaHosts } = config
  if (turn === undefined) return Array.from({ length: mediaHosts }, () => ({ RINGWAY_TURN_PORT: '' }))
  const files = tls === undefined ? undefined : { cert: join(options.folder, 'turn-cert.pem'), key: join(options.folder, 'turn-key.pem') }
  if (tls !== undefined && files !== undefined) {
    writeFileAtomically(files.cert, tls.cert, { mode: 0o600 })
    writeFileAtomically(files.key, tls.key, { mode: 0o600 })
  }
  return splitPorts(turn.relayPorts, mediaHosts).map(({ min, max }, index) => ({
    RINGWAY_TURN_PORT: String(turn.port + index),
    RINGWAY_TURN_RELAY_PORTS: `${min}-${max}`,
    ...(files === undefined || tls?.name === undefined
      ? {}
      : {
          RINGWAY_TURN_TLS_PORT: String(turn.tlsPort + index),
          RINGWAY_TURN_TLS_CERT: files.cert,
          RINGWAY_TURN_TLS_KEY: files.key,
          RINGWAY_TURN_TLS_NAME: tls.name,
        }),
  }))
}
