import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { ConfigError, parseConfig } from './config.ts'

const required = {
  RINGWAY_EDGE_URL: 'http://127.0.0.1:8787',
  RINGWAY_ENROLMENT_SECRET: 'a-secret-of-enough-length',
  RINGWAY_HOST_STATE: '/var/lib/ringway/host',
}

function messageOf(environment: Record<string, string>): string {
  try {
    parseConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

describe('parseConfig', () => {
  it('needs only the edge, the secret and a folder', () => {
    expect(parseConfig(required)).toEqual({
      edgeUrl: new URL('http://127.0.0.1:8787/'),
      enrolmentSecret: 'a-secret-of-enough-length',
      stateFolder: '/var/lib/ringway/host',
      region: 'local',
      listen: { ip: '127.0.0.1' },
      mediaPorts: { min: 40_000, max: 40_199 },
      workers: availableParallelism(),
      capacity: availableParallelism() * 1000,
      httpPort: 0,
      drainTimeoutMs: 10_000,
      workerBin: undefined,
      logLevel: 'info',
    })
  })

  it('takes every variable', () => {
    const config = parseConfig({
      ...required,
      RINGWAY_EDGE_URL: 'https://edge.example.com',
      RINGWAY_REGION: 'eu-west-1',
      RINGWAY_MEDIA_BIND: '0.0.0.0',
      RINGWAY_ANNOUNCED_ADDRESS: '203.0.113.7',
      RINGWAY_MEDIA_PORTS: '50000-50999',
      RINGWAY_MEDIA_WORKERS: '3',
      RINGWAY_HOST_CAPACITY: '77',
      RINGWAY_HOST_HTTP_PORT: '9100',
      RINGWAY_DRAIN_TIMEOUT: '0.5',
      MEDIASOUP_WORKER_BIN: '/opt/mediasoup-worker',
      RINGWAY_LOG_LEVEL: 'debug',
    })
    expect(config).toMatchObject({
      region: 'eu-west-1',
      listen: { ip: '0.0.0.0', announcedAddress: '203.0.113.7' },
      mediaPorts: { min: 50_000, max: 50_999 },
      workers: 3,
      capacity: 77,
      httpPort: 9100,
      drainTimeoutMs: 500,
      workerBin: '/opt/mediasoup-worker',
      logLevel: 'debug',
    })
  })

  it('treats an empty variable as unset', () => {
    expect(parseConfig({ ...required, RINGWAY_REGION: '', RINGWAY_MEDIA_WORKERS: '', RINGWAY_MEDIA_PORTS: '' })).toEqual(
      parseConfig(required),
    )
  })

  it('names everything that is missing, and no value', () => {
    const message = messageOf({ RINGWAY_ENROLMENT_SECRET: 'hunter2' })
    for (const name of Object.keys(required)) expect(message).toContain(name)
    expect(message).not.toContain('hunter2')
  })

  it.each([
    ['RINGWAY_EDGE_URL', 'ftp://edge'],
    ['RINGWAY_EDGE_URL', 'https://edge/path'],
    ['RINGWAY_REGION', 'EU West'],
    ['RINGWAY_MEDIA_BIND', 'localhost'],
    ['RINGWAY_MEDIA_PORTS', '40000'],
    ['RINGWAY_MEDIA_PORTS', '41000-40000'],
    ['RINGWAY_MEDIA_PORTS', '100-200'],
    ['RINGWAY_MEDIA_PORTS', '65000-70000'],
    ['RINGWAY_MEDIA_WORKERS', '0'],
    ['RINGWAY_MEDIA_WORKERS', 'many'],
    ['RINGWAY_HOST_CAPACITY', '-1'],
    ['RINGWAY_HOST_HTTP_PORT', '65536'],
    ['RINGWAY_DRAIN_TIMEOUT', '-1'],
    ['RINGWAY_LOG_LEVEL', 'loud'],
  ])('refuses %s=%s', (name, value) => {
    expect(messageOf({ ...required, [name]: value })).toContain(name)
  })

  it('refuses a wildcard without an address to announce', () => {
    expect(messageOf({ ...required, RINGWAY_MEDIA_BIND: '0.0.0.0' })).toContain('RINGWAY_ANNOUNCED_ADDRESS')
  })

  it('refuses fewer ports than the workers need', () => {
    expect(messageOf({ ...required, RINGWAY_MEDIA_WORKERS: '8', RINGWAY_MEDIA_PORTS: '40000-40007' })).toContain('RINGWAY_MEDIA_PORTS')
  })
})
