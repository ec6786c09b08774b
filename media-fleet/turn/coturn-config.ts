import type { TurnSettings } from './settings.ts'

/** Allocations that one participant may hold: two transports, each over UDP, TCP and TLS, and as many again while ICE restarts. */
const allocationsPerUser = 24
/** Allocations together, before the ports end: a server that is full answers 486 and lives on. */
const spare = 2

const loopback = ['127.0.0.1', '::1']

/**
 * Configuration of coturn (turnserver(1)). Peers are denied altogether and the media addresses of the host
 * allowed again, so that whoever has credentials reaches nothing but calls (RFC 8656 §21.1.4).
 */
export function coturnConfig(settings: TurnSettings, options: { secret: string; pidFile: string }): string {
  const { ip, address, port, tls, relayPorts, peers } = settings
  const lines = [
    'use-auth-secret',
    `static-auth-secret=${options.secret}`,
    'realm=ringway',
    `listening-port=${port}`,
    ...(ip === undefined ? [] : [`listening-ip=${ip}`, `relay-ip=${ip}`]),
    ...(ip === undefined ? [`external-ip=${address}`] : address === ip ? [] : [`external-ip=${address}/${ip}`]),
    `min-port=${relayPorts.min}`,
    `max-port=${relayPorts.max}`,
    ...(tls === undefined
      ? ['no-tls', 'no-dtls']
      : [`tls-listening-port=${tls.port}`, `cert=${tls.cert}`, `pkey=${tls.key}`, 'no-dtls', 'no-tlsv1', 'no-tlsv1_1']),
    'denied-peer-ip=0.0.0.0-255.255.255.255',
    'denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ...peers.map((peer) => `allowed-peer-ip=${peer}`),
    // Refused by themselves otherwise; on a machine that only speaks with itself they are where the media is.
    ...(peers.some((peer) => loopback.includes(peer)) ? ['allow-loopback-peers'] : []),
    'no-multicast-peers',
    'no-tcp-relay',
    `user-quota=${allocationsPerUser}`,
    `total-quota=${relayPorts.max - relayPorts.min + 1 - spare}`,
    'fingerprint',
    'no-cli',
    'no-rfc5780',
    'no-software-attribute',
    'stale-nonce=600',
    'simple-log',
    'log-file=stdout',
    `pidfile=${options.pidFile}`,
  ]
  return `${lines.join('\n')}\n`
}
