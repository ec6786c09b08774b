import type { PortRange } from '../sfu/ports.ts'

/** What a TURN server of this host listens on, and whom it relays to. */
export interface TurnSettings {
  /** Undefined: all addresses of the machine. */
  readonly ip: string | undefined
  /** What clients connect to. */
  readonly address: string
  /** UDP and TCP. */
  readonly port: number
  readonly tls?: TurnTls
  /** UDP ports of its allocations. */
  readonly relayPorts: PortRange
  /** Where the media of this host is: nothing else is relayed to. */
  readonly peers: readonly string[]
}

export interface TurnTls {
  readonly port: number
  /** PEM files. */
  readonly cert: string
  readonly key: string
  /** The name that the certificate has; clients connect to it. */
  readonly name: string
}

/** URLs by which clients reach it (RFC 7065 §3.1): UDP first, then TCP, then TLS, which passes where only HTTPS does. */
export function turnUrls({ address, port, tls }: TurnSettings): string[] {
  const host = address.includes(':') ? `[${address}]` : address
  return [
    `turn:${host}:${port}?transport=udp`,
    `turn:${host}:${port}?transport=tcp`,
    ...(tls === undefined ? [] : [`turns:${tls.name}:${tls.port}?transport=tcp`]),
  ]
}
